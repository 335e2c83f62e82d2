using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Blocks;
using Praman.Dlms.Security;
using Praman.Metering;

namespace Praman.Dlms.Client;

// Answers: deciphered, matched to what was asked, put together from blocks.
public sealed partial class DlmsClient
{
    private Func<DataBlock, Apdu>? _nextBlock;
    private byte[] _outgoing = [];
    private int _outgoingSent;

    // Null where the frame is none of the present request's: it is passed over.
    private ClientStep? TakeFrame(ReadOnlySpan<byte> apdu)
    {
        if (apdu.IsEmpty) return null;
        if (_pending != Pending.Nothing) return Handle(apdu);
        if (apdu[0] == GeneralBlockTransfer.Tag) return IsAssociated && GeneralBlock.TryRead(apdu, out GeneralBlock block, out _) ? TakeNoticeBlock(block) : null;
        TakeUnasked(apdu);
        return null;
    }

    private ClientStep? Handle(ReadOnlySpan<byte> apdu)
    {
        if (IsPlainNotification(apdu[0]))
        {
            Keep(apdu, isProtected: false);
            return null;
        }
        if (_pending == Pending.Opening) return HandleOpening(apdu);
        if (_pending == Pending.Release && apdu[0] is Rlre.Tag or ExceptionResponse.Tag or ConfirmedServiceError.Tag)
        {
            IsAssociated = false;
            return CloseLink();
        }
        if (apdu[0] == ExceptionResponse.Tag) return Fail(ExplainException(apdu));
        if (apdu[0] is Aare.Tag or Rlre.Tag) return null; // late answers
        if (apdu[0] == GeneralBlockTransfer.Tag) return HandleBlocks(apdu);
        return HandleWhole(apdu);
    }

    // An APDU that came in one piece, or was put together from general blocks.
    private ClientStep? HandleWhole(ReadOnlySpan<byte> apdu)
    {
        if (apdu.IsEmpty) return Fail(ClientErrorKind.Malformed, "an answer of no octets");
        if (apdu[0] == ExceptionResponse.Tag) return Fail(ExplainException(apdu));
        if (Opens(apdu[0]))
        {
            SecurityOutcome outcome = Unprotect(apdu, out apdu);
            if (outcome == SecurityOutcome.CounterReplayed) return null; // a repeated frame
            if (outcome != SecurityOutcome.Success) return Fail(ExplainSecurity(outcome));
            if (apdu[0] == ExceptionResponse.Tag) return Fail(ExplainException(apdu));
            if (IsPlainNotification(apdu[0]))
            {
                Keep(apdu, isProtected: true);
                return null;
            }
        }
        else
        {
            // Answers are looked into where they lie; keep them where Data points.
            if (_opened.Length < apdu.Length) _opened = new byte[Math.Max(apdu.Length, 512)];
            apdu.CopyTo(_opened);
            apdu = _opened.AsSpan(0, apdu.Length);
        }
        if (_settings.UsesShortNames) return HandleByName(apdu);
        if (apdu[0] == AccessResponse.Tag && _pending == Pending.Access) return HandleAccess(apdu);
        if (apdu.Length < 3 || apdu[0] is not (GetResponse.Tag or SetResponse.Tag or ActionResponse.Tag))
            return Fail(ClientErrorKind.Unexpected, $"an APDU of tag 0x{apdu[0]:X2}, where an answer was awaited");
        if (_pending != Pending.Access && (apdu[2] & 0x0F) != _invoke.InvokeId) return null; // the answer to an earlier request
        return (_pending, apdu[0]) switch
        {
            (Pending.Get or Pending.GetList, GetResponse.Tag) => HandleGet(apdu),
            (Pending.Set or Pending.SetList, SetResponse.Tag) => HandleSet(apdu),
            (Pending.Action or Pending.ActionList or Pending.Proof, ActionResponse.Tag) => HandleAction(apdu),
            (Pending.Access, _) => null, // of a request that was given up
            _ => Fail(ClientErrorKind.Unexpected, $"an APDU of tag 0x{apdu[0]:X2}, where another answer was awaited"),
        };
    }

    private ClientStep? HandleByName(ReadOnlySpan<byte> apdu) => (_pending, apdu[0]) switch
    {
        (Pending.Get or Pending.GetList or Pending.Names or Pending.ByLogicalName or Pending.Action or Pending.Proof, ReadResponse.Tag) => HandleRead(apdu),
        (Pending.Set or Pending.SetList or Pending.Action, WriteResponse.Tag) => HandleWrite(apdu),
        (_, ConfirmedServiceError.Tag) => Fail(ExplainServiceError(apdu)),
        _ => Fail(ClientErrorKind.Unexpected, $"an APDU of tag 0x{apdu[0]:X2}, where an answer was awaited"),
    };

    private static ClientError ExplainServiceError(ReadOnlySpan<byte> apdu) =>
        Apdu.TryDecode(apdu, out Apdu? decoded, out DecodeError error) && decoded is ConfirmedServiceError refusal
            ? new(ClientErrorKind.ServiceRefused, $"the request was not served: service {refusal.Service}, error class {refusal.ErrorClass}, error {refusal.Error}")
            : new(ClientErrorKind.Malformed, error.ToString()) { Decode = error };

    private ClientStep? HandleAccess(ReadOnlySpan<byte> apdu)
    {
        if (!AccessReader.TryOpen(apdu, out AccessReader reader, out DecodeError error)) return FailMalformed(error);
        if (new LongInvokeId(reader.LongInvokeIdAndPriority).InvokeId != _longInvokeId) return null; // the answer to an earlier request
        if (reader.Count != _accessCount) return Fail(ClientErrorKind.Malformed, $"{reader.Count} results, where {_accessCount} were asked for");
        (_dataInAssembled, _dataStart, _dataLength) = (false, 0, apdu.Length);
        return Finish();
    }

    private ClientStep? HandleGet(ReadOnlySpan<byte> apdu)
    {
        var reader = new AxdrReader(apdu);
        switch (apdu[1])
        {
            case GetResponseNormal.Choice when _pending == Pending.Get:
                if (!GetResponseNormal.TryReadHead(ref reader, out _, out DataAccessResult result)) return FailMalformed(reader.Error);
                if (result != DataAccessResult.Success) return FailDenied(result);
                if (reader.IsAtEnd) return FailMalformed(new(reader.Position, "the answer ends where its data was to stand"));
                (_dataInAssembled, _dataStart, _dataLength) = (false, reader.Position, reader.Remaining);
                return Finish();
            case GetResponseWithDatablock.Choice:
                reader.TrySkip(3);
                return HandleBlock(ref reader);
            case GetResponseWithList.Choice when _pending == Pending.GetList:
                reader.TrySkip(3);
                return ReadResults(ref reader);
            default:
                return Fail(ClientErrorKind.Unexpected, $"a GET-Response of choice {apdu[1]}, where another was awaited");
        }
    }

    private ClientStep? HandleBlock(ref AxdrReader reader)
    {
        if (!reader.TryReadBoolean(out bool last) || !reader.TryReadUInt32(out uint number) || !reader.TryReadByte(out byte choice)) return FailMalformed(reader.Error);
        if (choice == 1) return reader.TryReadByte(out byte code) ? FailDenied((DataAccessResult)code) : FailMalformed(reader.Error);
        if (choice != 0 || !reader.TryReadOctets(out ReadOnlySpan<byte> raw)) return FailMalformed(reader.HasFailed ? reader.Error : new(reader.Position, "neither data nor result in a block"));
        if (number <= _block) return null; // a repeated one
        if (number != _block + 1) return Fail(ClientErrorKind.Unexpected, $"block {number}, where {_block + 1} was awaited");
        if (_assembled.Length + raw.Length > _settings.ResponseLengthMax) return Fail(ClientErrorKind.TooLong, $"the answer is longer than {_settings.ResponseLengthMax} octets");
        if (raw.IsEmpty && !last) return Fail(ClientErrorKind.Malformed, "an empty block that is not the last");
        _block = number;
        _assembled.Append(raw);
        if (!last) return Transmit(new GetRequestNext(_invoke, number));
        if (_pending == Pending.Get)
        {
            if (_assembled.Length == 0) return FailMalformed(new(0, "no data in the blocks of the answer"));
            (_dataInAssembled, _dataStart, _dataLength) = (true, 0, _assembled.Length);
            return Finish();
        }
        var whole = new AxdrReader(_assembled.Span);
        return ReadResults(ref whole);
    }

    private ClientStep ReadResults(ref AxdrReader reader)
    {
        if (!ApduLists.TryReadCount(ref reader, 2, out int count)) return FailMalformed(reader.Error);
        var results = new GetDataResult[count];
        for (int i = 0; i < count; i++)
        {
            if (!GetDataResult.TryRead(ref reader, out results[i])) return FailMalformed(reader.Error);
        }
        if (!reader.IsAtEnd) return FailMalformed(new(reader.Position, $"{reader.Remaining} octets after the last result"));
        _results = results;
        return Finish();
    }

    private ClientStep? HandleSet(ReadOnlySpan<byte> apdu)
    {
        if (!Apdu.TryDecode(apdu, out Apdu? decoded, out DecodeError error)) return FailMalformed(error);
        return decoded switch
        {
            SetResponseNormal normal when _pending == Pending.Set => FinishOrDeny(normal.Result),
            SetResponseWithList list when _pending == Pending.SetList => FinishSetList(list.Results),
            SetResponseLastDatablock last when _pending == Pending.Set || last.Result != DataAccessResult.Success => FinishOrDeny(last.Result),
            SetResponseLastDatablockWithList last when _pending == Pending.SetList => FinishSetList(last.Results),
            SetResponseDatablock next => SendNextBlock(next.BlockNumber),
            _ => Fail(ClientErrorKind.Unexpected, $"a SET-Response of choice {apdu[1]}, where another was awaited"),
        };
    }

    private ClientStep? HandleAction(ReadOnlySpan<byte> apdu)
    {
        if (!Apdu.TryDecode(apdu, out Apdu? decoded, out DecodeError error)) return FailMalformed(error);
        switch (decoded)
        {
            case ActionResponseNormal proof when _pending == Pending.Proof:
                return HandleProof(proof);
            case ActionResponseNormal normal when _pending != Pending.ActionList || normal.Item.Result != ActionResult.Success:
                return FinishAction(normal.Item);
            case ActionResponseWithList list when _pending == Pending.ActionList:
                _actionResults = [.. list.Items];
                return Finish();
            case ActionResponseNextBlock next:
                return SendNextBlock(next.BlockNumber);
            case ActionResponseWithBlock { Block: var block }:
                return HandleActionBlock(block);
            default:
                return Fail(ClientErrorKind.Unexpected, $"an ACTION-Response of choice {apdu[1]}, where another was awaited");
        }
    }

    private ClientStep? HandleActionBlock(DataBlock block)
    {
        if (block.BlockNumber <= _block) return null; // a repeated one
        if (block.BlockNumber != _block + 1) return Fail(ClientErrorKind.Unexpected, $"block {block.BlockNumber}, where {_block + 1} was awaited");
        if (_assembled.Length + block.RawData.Length > _settings.ResponseLengthMax) return Fail(ClientErrorKind.TooLong, $"the answer is longer than {_settings.ResponseLengthMax} octets");
        if (block.RawData.IsEmpty && !block.LastBlock) return Fail(ClientErrorKind.Malformed, "an empty block that is not the last");
        _block++;
        _assembled.Append(block.RawData.Span);
        if (!block.LastBlock) return Transmit(new ActionRequestNextBlock(_invoke, block.BlockNumber));
        var reader = new AxdrReader(_assembled.Span);
        if (_pending != Pending.ActionList) return ActionResponseItem.TryRead(ref reader, out ActionResponseItem item) ? FinishAction(item) : FailMalformed(reader.Error);
        if (!ApduLists.TryReadCount(ref reader, 2, out int count)) return FailMalformed(reader.Error);
        var items = new ActionResponseItem[count];
        for (int index = 0; index < count; index++)
        {
            if (!ActionResponseItem.TryRead(ref reader, out items[index])) return FailMalformed(reader.Error);
        }
        _actionResults = items;
        return Finish();
    }

    private ClientStep FinishSetList(IReadOnlyList<DataAccessResult> results)
    {
        _setResults = [.. results];
        return Finish();
    }

    private ClientStep FinishAction(ActionResponseItem item)
    {
        if (item.Result != ActionResult.Success) return Fail(new(ClientErrorKind.AccessDenied, $"the method was refused: {item.Result.Name()}") { Action = item.Result });
        if (item.HasReturn && item.Return.IsSuccess) Returned = item.Return.Data;
        return Finish();
    }

    private ClientStep FinishOrDeny(DataAccessResult result) => result == DataAccessResult.Success ? Finish() : FailDenied(result);

    private ClientStep FailDenied(DataAccessResult result) => Fail(new(ClientErrorKind.AccessDenied, $"the attribute was refused: {result.Name()}") { Access = result });

    private ClientStep FailMalformed(DecodeError error) => Fail(new(ClientErrorKind.Malformed, error.ToString()) { Decode = error });

    private SecurityOutcome Unprotect(ReadOnlySpan<byte> apdu, out ReadOnlySpan<byte> plain)
    {
        if (_opened.Length < apdu.Length) _opened = new byte[Math.Max(apdu.Length, 512)];
        SecurityOutcome outcome = _security!.Unprotect(apdu, _opened, out int written);
        plain = _opened.AsSpan(0, written);
        return outcome == SecurityOutcome.Success && written == 0 ? SecurityOutcome.Malformed : outcome;
    }

    private static ClientError ExplainSecurity(SecurityOutcome outcome) => outcome switch
    {
        SecurityOutcome.TagMismatch or SecurityOutcome.ContentMismatch => new(ClientErrorKind.WrongKey, "what the server ciphered does not verify with our keys"),
        SecurityOutcome.UnexpectedSystemTitle or SecurityOutcome.MissingSystemTitle => new(ClientErrorKind.WrongTitle, "the answer names another system title"),
        SecurityOutcome.NotCiphered or SecurityOutcome.PolicyNotMet or SecurityOutcome.SuiteNotSupported =>
            new(ClientErrorKind.ServerNotAuthentic, $"the answer is protected less than asked: {outcome}"),
        SecurityOutcome.SignatureMismatch or SecurityOutcome.KeyNotUnwrapped => new(ClientErrorKind.WrongKey, $"what the server signed or wrapped does not verify with our keys: {outcome}"),
        SecurityOutcome.CompressionNotSupported => new(ClientErrorKind.Unexpected, "the answer is compressed (ITU-T V.44), which is not built here"),
        SecurityOutcome.CounterReplayed => new(ClientErrorKind.Replayed, "the answer carries an invocation counter that was used before: what was recorded earlier is played back"),
        SecurityOutcome.MissingKey or SecurityOutcome.MissingAuthenticationKey => new(ClientErrorKind.WrongKey, $"the answer needs a key that is not here: {outcome}"),
        _ => new(ClientErrorKind.Malformed, $"the ciphered answer cannot be taken apart: {outcome}"),
    };

    private static ClientError ExplainException(ReadOnlySpan<byte> apdu)
    {
        // Older servers leave the counter out.
        if (apdu.Length == 3 && apdu[2] == (byte)ServiceError.InvocationCounterError)
            return new(ClientErrorKind.WrongCounter, "the server expects a higher invocation counter and does not say which");
        if (!Apdu.TryDecode(apdu, out Apdu? decoded, out DecodeError error) || decoded is not ExceptionResponse exception)
            return new(ClientErrorKind.Malformed, error.ToString()) { Decode = error };
        return exception.ServiceError switch
        {
            ServiceError.InvocationCounterError => new(ClientErrorKind.WrongCounter, $"the server expects an invocation counter of {exception.InvocationCounter} at least")
            {
                Exception = exception, CounterExpected = exception.InvocationCounter,
            },
            ServiceError.DecipheringError => new(ClientErrorKind.WrongKey, "the server cannot verify what we ciphered") { Exception = exception },
            _ => new(ClientErrorKind.ServiceRefused, $"the request was not served: {exception.StateError}, {exception.ServiceError}") { Exception = exception },
        };
    }
}
