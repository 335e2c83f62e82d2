using NodaTime;

namespace Praman.Billing.Payments;

/// <summary>How often a simulated gateway does what real ones do, each of a thousand orders.</summary>
public sealed record GatewayFaults
{
    /// <summary>The payer gives up or has no money.</summary>
    public int Failed { get; init; } = 80;

    /// <summary>Failed is said first, and success hours or days later.</summary>
    public int LateSuccess { get; init; } = 40;

    /// <summary>Failed is said; the payer was debited, and gets the money back days later.</summary>
    public int FailedAfterDebit { get; init; } = 40;

    /// <summary>Success, and days later the bank takes the money back.</summary>
    public int Reversed { get; init; } = 30;

    /// <summary>The order succeeds and nobody is told: it must be asked for.</summary>
    public int Silent { get; init; } = 40;

    /// <summary>The payer pays the same order twice.</summary>
    public int PaidTwice { get; init; } = 20;

    /// <summary>Another amount is paid than was ordered.</summary>
    public int OtherAmount { get; init; } = 20;

    /// <summary>A notice comes again, one to three times.</summary>
    public int Duplicate { get; init; } = 200;

    /// <summary>A line of a settlement file is left out, doubled, or has another amount.</summary>
    public int SettlementLine { get; init; } = 20;
}

/// <summary>
/// A gateway in this process that behaves as real ones do: late success, failure after debit, the same notice twice, reversal, silence, settlement files
/// that do not fit. From one seed; time is an argument. Not for two threads at once.
/// </summary>
public sealed class SimulatedGateway(string channel, string currency, int seed, DateTimeZone zone, GatewayFaults? faults = null) : IPaymentGateway
{
    private const int OrderMax = 1_000_000;

    private readonly GatewayFaults _faults = faults ?? new GatewayFaults();
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, PaymentNotice> _last = new(StringComparer.Ordinal);
    private readonly PriorityQueue<(PaymentNotice Notice, bool IsSaid), (Instant At, int Number)> _coming = new();
    private readonly List<(Instant At, SettlementLine Line)> _movements = [];
    private Instant _now;
    private int _number;

    /// <inheritdoc/>
    public string Channel => channel;

    /// <summary>What really moved between payers and the gateway, in order: positive to the utility, negative back.</summary>
    public IReadOnlyList<(Instant At, SettlementLine Line)> Movements => _movements;

    /// <summary>Whether a settlement file did not say what really moved.</summary>
    public bool HasWrongFile { get; private set; }

    /// <summary>Moves time on.</summary>
    /// <returns>Notices that are sent until then, in order.</returns>
    public IReadOnlyList<PaymentNotice> Advance(Instant now)
    {
        _now = now;
        var said = new List<PaymentNotice>();
        while (_coming.TryPeek(out (PaymentNotice Notice, bool IsSaid) next, out (Instant At, int Number) due) && due.At <= now)
        {
            _coming.Dequeue();
            bool isFirst = !_last.TryGetValue(next.Notice.OrderId, out PaymentNotice? last) || last.Reference != next.Notice.Reference || last.Status != next.Notice.Status;
            if (isFirst && next.Notice.Status is PaymentStatus.Success or PaymentStatus.Reversed && !HasMoved(next.Notice)) Move(next.Notice);
            // A second payment of an order does not hide the first from who asks.
            if (last is not { Status: PaymentStatus.Success } || next.Notice.Status == PaymentStatus.Reversed) _last[next.Notice.OrderId] = next.Notice;
            if (next.IsSaid) said.Add(next.Notice);
        }
        return said;
    }

    /// <inheritdoc/>
    public ValueTask<string> StartAsync(PaymentOrder order, CancellationToken cancellationToken)
    {
        string link = FormattableString.Invariant($"upi://pay?tr={order.Id}&am={order.Amount / 100}.{order.Amount % 100:00}&cu={currency}");
        if (_last.ContainsKey(order.Id)) return new(link);
        if (_last.Count >= OrderMax) throw new InvalidOperationException($"a simulated gateway takes at most {OrderMax} orders");
        _last[order.Id] = new PaymentNotice(order.Id, Reference(), PaymentStatus.Pending, currency, order.Amount, _now);
        Plan(order, _now + Duration.FromMilliseconds(_random.Next(500, 20_000)));
        return new(link);
    }

    /// <inheritdoc/>
    public ValueTask<PaymentNotice?> QueryAsync(string orderId, CancellationToken cancellationToken) => new(_last.GetValueOrDefault(orderId));

    /// <inheritdoc/>
    public ValueTask<SettlementFile?> SettlementAsync(LocalDate day, CancellationToken cancellationToken)
    {
        Instant start = zone.AtStartOfDay(day).ToInstant(), end = zone.AtStartOfDay(day.PlusDays(1)).ToInstant();
        if (end > _now) return new((SettlementFile?)null);
        var lines = new List<SettlementLine>();
        long total = 0;
        foreach ((_, SettlementLine line) in _movements.Where(movement => movement.At >= start && movement.At < end))
        {
            total += line.Amount;
            if (_random.Next(1_000) >= _faults.SettlementLine)
            {
                lines.Add(line);
                continue;
            }
            HasWrongFile = true;
            int kind = _random.Next(3);
            if (kind == 0) continue;
            lines.Add(kind == 1 ? line with { Amount = line.Amount + 1 } : line);
            if (kind == 2) lines.Add(line);
        }
        return new(new SettlementFile(channel, day, FormattableString.Invariant($"UTR{channel}{day:yyyyMMdd}"), currency, total, lines));
    }

    private void Plan(PaymentOrder order, Instant at)
    {
        int left = _random.Next(1_000);
        bool Is(int share) => (left -= share) < 0;
        if (Is(_faults.Failed))
        {
            Say(order, Reference(), PaymentStatus.Failed, at);
        }
        else if (Is(_faults.LateSuccess))
        {
            Say(order, Reference(), PaymentStatus.Failed, at);
            Say(order, Reference(), PaymentStatus.Success, at + Hours(1, 72));
        }
        else if (Is(_faults.FailedAfterDebit))
        {
            string reference = Reference();
            Say(order, reference, PaymentStatus.Failed, at);
            Say(order, reference, PaymentStatus.Reversed, at + Hours(24, 120));
        }
        else if (Is(_faults.Reversed))
        {
            string reference = Reference();
            Say(order, reference, PaymentStatus.Success, at);
            Say(order, reference, PaymentStatus.Reversed, at + Hours(24, 96));
        }
        else if (Is(_faults.Silent))
        {
            Put(new PaymentNotice(order.Id, Reference(), PaymentStatus.Success, currency, order.Amount, at), at, isSaid: false);
        }
        else if (Is(_faults.OtherAmount))
        {
            Say(order with { Amount = order.Amount + 1 + _random.Next(500) }, Reference(), PaymentStatus.Success, at);
        }
        else
        {
            Say(order, Reference(), PaymentStatus.Success, at);
            if (Is(_faults.PaidTwice)) Say(order, Reference(), PaymentStatus.Success, at + Duration.FromMinutes(_random.Next(1, 600)));
        }
    }

    private void Say(PaymentOrder order, string reference, PaymentStatus status, Instant at)
    {
        var notice = new PaymentNotice(order.Id, reference, status, currency, order.Amount, at);
        Put(notice, at, isSaid: true);
        if (_random.Next(1_000) >= _faults.Duplicate) return;
        for (int again = _random.Next(1, 4); again > 0; again--)
        {
            // Some gateways stamp a repeated notice with the time of the repetition.
            Instant later = at + Duration.FromMinutes(_random.Next(0, 3_000));
            Put(_random.Next(2) == 0 ? notice : notice with { At = later }, later, isSaid: true);
        }
    }

    private void Put(PaymentNotice notice, Instant at, bool isSaid) => _coming.Enqueue((notice, isSaid), (at, _number++));

    private bool HasMoved(PaymentNotice notice)
    {
        int sign = notice.Status == PaymentStatus.Success ? 1 : -1;
        return _movements.Exists(movement => movement.Line.Reference == notice.Reference && Math.Sign(movement.Line.Amount) == sign);
    }

    /// <summary>Only what the utility was to get comes and goes back: a debit that was never passed on goes back between the payer's bank and the gateway.</summary>
    private void Move(PaymentNotice notice)
    {
        bool comes = notice.Status == PaymentStatus.Success;
        if (!comes && !_movements.Exists(movement => movement.Line.Reference == notice.Reference)) return;
        _movements.Add((notice.At, new SettlementLine(notice.OrderId, notice.Reference, comes ? notice.Amount : -notice.Amount)));
    }

    private Duration Hours(int least, int most) => Duration.FromMinutes(_random.Next(least * 60, most * 60));

    private string Reference() => FormattableString.Invariant($"{channel}-{seed}-{_number++}");
}
