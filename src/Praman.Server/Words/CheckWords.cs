using System.Collections.Frozen;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Praman.Server.Words;

/// <summary>The texts that the check in the browser shows, handed to it as JSON: the module holds no words of its own.</summary>
internal static class CheckWords
{
    // Letters of every script as they are; what would end the element that holds them is escaped all the same.
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

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
        ["detail.entry"] = W.DetailEntry, ["detail.witnesses"] = W.DetailWitnesses, ["detail.witnessesOf"] = W.DetailWitnessesOf,
        ["detail.tariffWith"] = W.DetailTariffWith, ["detail.readings"] = W.DetailReadings, ["detail.noRegister"] = W.DetailNoRegister, ["detail.edited"] = W.DetailEdited,
        ["detail.amounts"] = W.DetailAmounts, ["detail.short"] = W.DetailShort, ["detail.sums"] = W.DetailSums, ["detail.differs"] = W.DetailDiffers,
        ["detail.notChecked"] = W.DetailNotChecked, ["detail.missing"] = W.DetailMissing, ["detail.erased"] = W.DetailErased, ["detail.erasedBut"] = W.DetailErasedBut,
        ["computed"] = W.PlaceComputed, ["found"] = W.PlaceFound, ["place"] = W.PlaceTitle,
        ["place.line"] = W.PlaceLine, ["place.part"] = W.PlacePart, ["place.total"] = W.PlaceTotal, ["place.day"] = W.PlaceDay,
        ["place.segment"] = W.PlaceSegment, ["place.readings"] = W.PlaceReadings, ["place.tariff"] = W.PlaceTariff, ["place.series"] = W.PlaceSeries,
        ["place.commitment"] = W.PlaceCommitment, ["place.inclusion"] = W.PlaceInclusion, ["place.log-signature"] = W.PlaceLogSignature,
        ["place.witness"] = W.PlaceWitness, ["place.other"] = W.PlaceOther, ["notLogged"] = W.PlaceNotLogged,
        ["sum.gross"] = W.Gross, ["sum.net"] = W.Net, ["sum.rounding"] = W.Rounding, ["sum.total"] = W.TotalToPay,
        ["missing"] = W.MissingTitle, ["missing.logKey"] = W.MissingLogKey, ["missing.witnessKey"] = W.MissingWitnessKey,
        ["missing.cosignatures"] = W.MissingCosignatures, ["missing.salt"] = W.MissingSalt, ["missing.inputs"] = W.MissingInputs,
        ["missing.erased"] = W.MissingErased, ["missing.ed25519"] = W.MissingEd25519, ["missing.series"] = W.MissingSeries,
        ["own"] = W.OwnFileChecked, ["needBill"] = W.OwnNeedsBill, ["tooLarge"] = W.OwnTooLarge,
    }.ToFrozenDictionary(), Options);
}
