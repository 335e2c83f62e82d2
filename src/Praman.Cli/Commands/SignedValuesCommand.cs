using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using NodaTime.Text;
using Praman.Billing.SignedValues;
using Praman.Metering;

namespace Praman.Cli.Commands;

/// <summary>What <c>praman verify</c> says of signed values from elsewhere: OCMF of charge points, TRuDI of German gateways (docs/reference/signed-values.md).</summary>
internal static class SignedValuesCommand
{
    /// <summary>The verdict, as JSON and in words; or why the files cannot be read.</summary>
    public sealed record Outcome(int ExitCode, JsonObject? Json, string Text);

    /// <summary>Whether a file is one of these, not a bill's.</summary>
    public static bool Looks(ReadOnlySpan<byte> octets) => OcmfReader.Looks(octets) || TrudiReader.Looks(octets);

    /// <summary>Reads a meter's key: hex or base64 of a SubjectPublicKeyInfo, or a file with it.</summary>
    public static byte[]? ReadKey(string text, out string? problem)
    {
        if (File.Exists(text))
        {
            if (new FileInfo(text).Length > 4096)
            {
                problem = $"--meter-key {text}: more than 4096 octets; a file with one key is expected";
                return null;
            }
            text = File.ReadAllText(text);
        }
        string packed = string.Concat(text.Where(letter => !char.IsWhiteSpace(letter)));
        byte[] octets = new byte[packed.Length];
        problem = null;
        if (packed.Length % 2 == 0 && Convert.FromHexString(packed, octets, out _, out int written) == System.Buffers.OperationStatus.Done && written > 0) return octets[..written];
        if (Convert.TryFromBase64String(packed, octets, out written) && written > 0) return octets[..written];
        problem = "--meter-key: a public key (SubjectPublicKeyInfo) in hex or base64, or a file with it, is expected";
        return null;
    }

    /// <summary>One file of OCMF, or a device's and a supplier's of TRuDI.</summary>
    public static Outcome Verify(IReadOnlyList<(string Path, byte[] Octets)> files, ReadOnlyMemory<byte>? meterKey)
    {
        if (files.Count == 1 && OcmfReader.Looks(files[0].Octets))
        {
            return OcmfReader.TryRead(files[0].Octets, out OcmfFile? file, out DecodeError error) ? Ocmf(file, meterKey) : Unreadable($"{files[0].Path}: {error}");
        }
        TrudiDevice? device = null;
        TrudiSupplier? supplier = null;
        foreach ((string path, byte[] octets) in files)
        {
            if (!TrudiReader.Looks(octets)) return Unreadable($"{path}: a file of another kind; one of OCMF alone, or a device's and a supplier's of TRuDI are expected");
            if (!TrudiReader.TryRead(octets, out TrudiDevice? readDevice, out TrudiSupplier? readSupplier, out DecodeError error)) return Unreadable($"{path}: {error}");
            if ((readDevice is not null && device is not null) || (readSupplier is not null && supplier is not null)) return Unreadable($"{path}: a second file of the same side");
            device ??= readDevice;
            supplier ??= readSupplier;
        }
        if (device is null) return Unreadable("no device's file (with MeterReading) is among the files");
        return supplier is null ? Unreadable("no supplier's file (with AnalysisProfile) is among the files") : Trudi(device, supplier);
    }

    private static Outcome Unreadable(string why) => new(ExitCodes.BadInput, null, why);

    private static Outcome Ocmf(OcmfFile file, ReadOnlyMemory<byte>? meterKey)
    {
        var text = new StringBuilder();
        var values = new JsonArray();
        var signatures = new List<OcmfSignature>();
        for (int i = 0; i < file.Values.Count; i++)
        {
            OcmfValue value = file.Values[i];
            OcmfSignature signature = OcmfCheck.Signature(value, meterKey);
            signatures.Add(signature);
            values.Add(new JsonObject
            {
                ["index"] = i, ["transactionId"] = value.TransactionId, ["context"] = value.Context, ["format_version"] = value.FormatVersion, ["algorithm"] = value.Algorithm,
                ["signature_valid"] = signature == OcmfSignature.Valid, ["signature"] = Word(signature), ["pagination"] = value.Pagination, ["meter"] = value.Meter,
                ["readings"] = new JsonArray([.. value.Readings.Select(Reading)]),
            });
            if (signature != OcmfSignature.Valid) text.Append(CultureInfo.InvariantCulture, $"  ✗ value {i}{(value.Pagination is { } page ? $" ({page})" : "")}: signature {Word(signature)}\n");
        }
        IReadOnlyList<OcmfRegister> registers = OcmfCheck.Registers(file, meterKey);
        bool isFalse = signatures.Exists(one => one is OcmfSignature.Invalid or OcmfSignature.OtherKey), isOpen = signatures.Exists(one => one is OcmfSignature.NoKey or OcmfSignature.NotKnown);
        string verdict = isFalse ? "DIFFERENT" : isOpen ? "UNPROVEN" : "VALID";
        string key = meterKey is null ? "file" : "given";
        text.Insert(0, string.Create(CultureInfo.InvariantCulture, $"{verdict}  OCMF, {file.Values.Count} signed values, {signatures.Count(one => one == OcmfSignature.Valid)} with a valid signature\n"));
        if (meterKey is null) text.Append("  the key came with the values: they were not changed since they were signed; that this meter signed them shows only its own key (--meter-key)\n");
        foreach (OcmfRegister one in registers)
            text.Append(CultureInfo.InvariantCulture, $"  {one.Meter} {one.Register}: {one.EnergyWh:0.####} Wh, not assigned {one.UnassignedWh:0.####} Wh{(one.Open > 0 ? $", {one.Open} transactions open" : "")}\n");
        var json = new JsonObject
        {
            ["verdict"] = verdict, ["format"] = "OCMF", ["key"] = key, ["missing"] = meterKey is null ? new JsonArray("meter-key") : [], ["values"] = values,
            ["registers"] = new JsonArray([.. registers.Select(one => (JsonNode)new JsonObject
            {
                ["meter"] = one.Meter, ["register"] = one.Register, ["energy_wh"] = Text(one.EnergyWh), ["unassigned_wh"] = Text(one.UnassignedWh), ["open"] = one.Open,
            })]),
        };
        return new(verdict == "VALID" ? ExitCodes.Done : ExitCodes.No, json, text.ToString());
    }

    private static JsonNode Reading(OcmfReading one) => new JsonObject
    {
        ["TX"] = one.Transaction, ["RV"] = one.Text, ["RU"] = one.Unit, ["RI"] = one.Register, ["TM"] = one.Time, ["ST"] = one.Status,
        ["at"] = one.At is { } at ? InstantPattern.ExtendedIso.Format(at) : null,
    };

    private static Outcome Trudi(TrudiDevice device, TrudiSupplier supplier)
    {
        TrudiRegisters result = TrudiRegisters.Compute(device, supplier, null, TrudiRegisters.Germany);
        // The files carry a certificate and no signature over the readings: what they say can be computed, not proved.
        string verdict = result.Faults.Count > 0 ? "DIFFERENT" : "UNPROVEN";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{verdict}  TRuDI, {device.Party.UsagePoint}, tariff {supplier.Party.TariffName}, TAF-{supplier.UseCase}\n");
        foreach (TrudiRegister one in result.Registers)
            text.Append(CultureInfo.InvariantCulture, $"  {one.Meter} {Obis(one.Obis)}: {one.EnergyWh:0.####} Wh{(one.Tariff == TrudiRegisters.Unassigned ? " not assigned to a stage" : "")}\n");
        foreach (string note in result.Notes) text.Append("  note: ").Append(note).Append('\n');
        foreach (string fault in result.Faults) text.Append("  ✗ ").Append(fault).Append('\n');
        text.Append("  missing: a signature over the readings\n");
        var json = new JsonObject
        {
            ["verdict"] = verdict, ["format"] = "TRuDI", ["missing"] = new JsonArray("signature"),
            ["registers"] = new JsonArray([.. result.Registers.Select(one => (JsonNode)new JsonObject
            {
                ["meter"] = one.Meter, ["obis"] = Obis(one.Obis), ["amount"] = one.Amount, ["tariff_id"] = one.Tariff, ["energy_wh"] = Text(one.EnergyWh),
            })]),
            ["notes"] = new JsonArray([.. result.Notes.Select(note => (JsonNode)note)]), ["faults"] = new JsonArray([.. result.Faults.Select(fault => (JsonNode)fault)]),
        };
        return new(ExitCodes.No, json, text.ToString());
    }

    private static string Obis(ObisCode code) => string.Create(CultureInfo.InvariantCulture, $"{code.A}-{code.B}:{code.C}.{code.D}.{code.E}*{code.F}");

    private static string Text(decimal value) => value.ToString("0.#########", CultureInfo.InvariantCulture);

    private static string Word(OcmfSignature signature) => signature switch
    {
        OcmfSignature.Valid => "valid",
        OcmfSignature.Invalid => "invalid",
        OcmfSignature.NoKey => "no key",
        OcmfSignature.OtherKey => "another key",
        _ => "not known",
    };
}
