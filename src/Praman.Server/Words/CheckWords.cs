using System.Collections.Frozen;
using System.Text.Json;

namespace Praman.Server.Words;

/// <summary>The texts that the check in the browser shows, handed to it as JSON: the module holds no words of its own.</summary>
internal static class CheckWords
{
    public static string Json() => JsonSerializer.Serialize(new Dictionary<string, string>
    {
        ["running"] = W.VerdictRunning,
        ["VALID"] = W.VerdictValid, ["VALID.why"] = W.VerdictValidWhy,
        ["VALID_WITH_ESTIMATES"] = W.VerdictEstimates, ["VALID_WITH_ESTIMATES.why"] = W.VerdictEstimatesWhy,
        ["DIFFERENT"] = W.VerdictDifferent, ["DIFFERENT.why"] = W.VerdictDifferentWhy,
        ["UNPROVEN"] = W.VerdictUnproven, ["UNPROVEN.why"] = W.VerdictUnprovenWhy,
        ["ERASED"] = W.VerdictErased, ["ERASED.why"] = W.VerdictErasedWhy,
        ["UNREADABLE"] = W.VerdictUnreadable, ["UNREADABLE.why"] = W.VerdictUnreadableWhy,
        ["BAD_KEY"] = W.VerdictBadKey, ["BAD_KEY.why"] = W.VerdictBadKeyWhy,
        ["FAILED"] = W.VerdictFailed, ["FAILED.why"] = W.VerdictFailedWhy,
        ["step.inclusion"] = W.StepInclusion, ["step.commitment"] = W.StepInclusion, ["step.signatures"] = W.StepSignatures,
        ["step.tariff"] = W.StepTariff, ["step.readings"] = W.StepReadings, ["step.amounts"] = W.StepAmounts,
        ["ok"] = W.StepOk, ["no"] = W.StepNo, ["open"] = W.StepOpen, ["steps"] = W.StepsTitle,
        ["computed"] = W.PlaceComputed, ["found"] = W.PlaceFound, ["place"] = W.PlaceTitle,
        ["place.line"] = W.PlaceLine, ["place.part"] = W.PlacePart, ["place.total"] = W.PlaceTotal, ["place.day"] = W.PlaceDay,
        ["place.segment"] = W.PlaceSegment, ["place.readings"] = W.PlaceReadings, ["place.tariff"] = W.PlaceTariff, ["place.series"] = W.PlaceSeries,
        ["place.commitment"] = W.PlaceCommitment, ["place.inclusion"] = W.PlaceInclusion, ["place.log-signature"] = W.PlaceLogSignature,
        ["place.witness"] = W.PlaceWitness, ["place.other"] = W.PlaceOther, ["notLogged"] = W.PlaceNotLogged,
        ["missing"] = W.MissingTitle, ["own"] = W.OwnFileChecked, ["needBill"] = W.OwnNeedsBill, ["tooLarge"] = W.OwnTooLarge,
    }.ToFrozenDictionary());
}
