namespace Praman.Server.Words;

/// <summary>Rules of validation in words, by their id as it is stored, <c>VAL-SPIKE (V13)</c>, or by their number alone.</summary>
internal static class RuleWords
{
    /// <summary>What the rule says; a rule without words says that it is one of the configuration.</summary>
    public static string Of(string ruleId)
    {
        int number = ruleId.IndexOf("(V", StringComparison.Ordinal);
        string key = number >= 0 ? ruleId[(number + 1)..].TrimEnd(')') : ruleId.Split(' ')[0].Replace('-', '_');
        return W.ResourceManager.GetString("Rule" + key, W.Culture) ?? W.RuleUnknown;
    }
}
