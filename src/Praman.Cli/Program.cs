using Praman.Cli;

return await PramanCommandLine.RunAsync(args).ConfigureAwait(false);
