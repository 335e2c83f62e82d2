using System.Globalization;
using Praman.MeterData.Edits;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.Server.Usage;
using Praman.Server.Words;

namespace Praman.Server.Pages;

/// <summary>What stands in the form of a day's edit, as it was typed.</summary>
/// <param name="Version">The version of the day that the form shows.</param>
/// <param name="Values">An interval each, whole Wh; empty: not known.</param>
public sealed record EditForm(int Version, IReadOnlyList<string> Values, string Reason, string Reference, string Sha256)
{
    /// <summary>Characters that are looked at of a value, and of the other fields.</summary>
    private const int ValueLengthMax = 15, TextLengthMax = 1_000;

    /// <summary>The form of a day before anything is typed.</summary>
    public static EditForm Of(DayUse day, int version) => new(version, [.. day.Slots.Select(Shown)], "", "", "");

    /// <summary>What was sent.</summary>
    public static EditForm Read(IFormCollection fields, int count) => new(
        int.TryParse(fields["version"], NumberStyles.None, CultureInfo.InvariantCulture, out int version) ? version : -1,
        [.. Enumerable.Range(0, count).Select(i => Text(fields, NameOf(i), ValueLengthMax))], Text(fields, "reason", TextLengthMax), Text(fields, "evidence", TextLengthMax), Text(fields, "sha256", TextLengthMax));

    public static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"wh-{index}");

    public EditEvidence Evidence => new(Reference, Sha256.Length == 0 ? null : Sha256.ToLowerInvariant());

    /// <summary>The intervals that differ from what the form showed; false with the first in which no energy stands.</summary>
    public bool TryChanges(DayUse day, out IReadOnlyList<IntervalEdit> changes, out int wrong)
    {
        var found = new List<IntervalEdit>();
        (changes, wrong) = (found, 0);
        for (int i = 0; i < Values.Count; i++)
        {
            if (Values[i] == Shown(day.Slots[i])) continue;
            if (!long.TryParse(Values[i], NumberStyles.None, CultureInfo.InvariantCulture, out long wh))
            {
                wrong = i;
                return false;
            }
            found.Add(new IntervalEdit(i, wh));
        }
        return true;
    }

    private static string Shown(UseSlot slot) => slot.Sureness == Sureness.Missing ? "" : slot.Wh.ToString(CultureInfo.InvariantCulture);

    private static string Text(IFormCollection fields, string name, int lengthMax)
    {
        string text = fields[name].ToString().Trim();
        return text.Length <= lengthMax ? text : text[..lengthMax];
    }
}

/// <summary>An edit that was not made.</summary>
/// <param name="Interval">The interval that it failed at, where it is one.</param>
public sealed record EditRefused(EditState State, int? Interval = null)
{
    /// <summary>Why not, in words.</summary>
    /// <param name="nameOf">How an interval is called.</param>
    public string Why(Func<int, string> nameOf) => State switch
    {
        EditState.NoReason => Format.Current.Text(W.ReleaseNoReason, EditReleases.ReasonLengthMin, EditReleases.ReasonLengthMax),
        EditState.NoEvidence => Format.Current.Text(W.EditNoEvidence, ReadingEditor.ReferenceLengthMax),
        EditState.NothingNew => W.EditNothingNew,
        EditState.Changed => W.EditChanged,
        _ when Interval is { } index => Format.Current.Text(W.EditNoValue, nameOf(index)),
        _ => W.EditNoValueAtAll,
    };
}
