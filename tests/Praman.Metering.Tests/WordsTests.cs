using CsCheck;
using NodaTime;

namespace Praman.Metering.Tests;

/// <summary>The small words: OBIS codes, ids, reading types, money, local days.</summary>
public sealed class WordsTests
{
    [Theory]
    [InlineData(0, "0 witnesses")]
    [InlineData(1, "1 witness")]
    [InlineData(12_000, "12000 witnesses")]
    public void One_is_said_as_one(long count, string text) => Assert.Equal(text, Counted.Of(count, "witness", "witnesses"));

    [Fact]
    public void Most_words_take_an_s() => Assert.Equal(("0 lines", "1 line", "2 lines"), (Counted.Of(0, "line"), Counted.Of(1, "line"), Counted.Of(2, "line")));

    [Theory]
    [InlineData("1-0:1.8.0.255", 1, 0, 1, 8, 0, 255)]
    [InlineData("1-0:1.8.0*255", 1, 0, 1, 8, 0, 255)]
    [InlineData("1.0.1.8.0.255", 1, 0, 1, 8, 0, 255)]
    [InlineData("1-0:1.8.0", 1, 0, 1, 8, 0, 255)]
    [InlineData("0-1:96.12.5.7", 0, 1, 96, 12, 5, 7)]
    public void An_obis_code_is_read_in_its_forms(string text, byte a, byte b, byte c, byte d, byte e, byte f)
    {
        Assert.True(ObisCode.TryParse(text, out ObisCode code));
        Assert.Equal(new ObisCode(a, b, c, d, e, f), code);
        Assert.Equal((a, b, c, d, e, f), (code.A, code.B, code.C, code.D, code.E, code.F));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("1.0.1.8")]
    [InlineData("1.0.1.8.0.255.1")]
    [InlineData("1.0.1.8.0.256")]
    [InlineData("1.0.1.8.0.-1")]
    [InlineData("1.0.1..8.0")]
    [InlineData("1.0.1.8.0.255 ")]
    [InlineData("x-0:1.8.0")]
    [InlineData("1-0:1.8.0.0000000000000000000000000000255")]
    public void What_is_not_an_obis_code_is_refused(string? text) => Assert.False(ObisCode.TryParse(text, out _));

    [Fact]
    public void An_obis_code_keeps_its_octets_in_every_form() => Gen.Byte.Array[6].Sample(octets =>
    {
        ObisCode code = ObisCode.FromOctets(octets)!.Value;
        var copy = new byte[6];
        code.CopyTo(copy);
        Assert.Equal(octets, copy);
        Assert.Equal(code, ObisCode.FromUInt64(code.ToUInt64()));
        Assert.Equal(code, ObisCode.Parse(code.ToString()));
        Assert.Equal(code, ObisCode.Parse(code.ToDottedString()));
    }, iter: 2_000, threads: 1);

    [Fact]
    public void Obis_codes_sort_by_their_value_groups()
    {
        Assert.True(new ObisCode(0, 255, 255, 255, 255) < new ObisCode(1, 0, 0, 0, 0, 0));
        Assert.True(new ObisCode(1, 0, 1, 8, 0, 1) < new ObisCode(1, 0, 1, 8, 0, 255));
        Assert.Null(ObisCode.FromOctets([1, 2, 3]));
    }

    [Theory]
    [InlineData("UP-000000042", 42)]
    [InlineData("up-42", 42)]
    [InlineData("42", 42)]
    [InlineData("UP-18446744073709551615", ulong.MaxValue)]
    public void A_usage_point_is_read_as_people_write_it(string text, ulong number)
    {
        Assert.True(UsagePointId.TryParse(text, null, out UsagePointId id));
        Assert.Equal(number, id.Number);
        Assert.Equal(id, UsagePointId.Parse(id.ToString()));
    }

    [Theory]
    [InlineData("UP-")]
    [InlineData("UP-4x")]
    [InlineData("UP--4")]
    [InlineData(" 4")]
    [InlineData("18446744073709551616")]
    [InlineData(null)]
    public void What_is_not_a_usage_point_is_refused(string? text) => Assert.False(UsagePointId.TryParse(text, null, out _));

    [Fact]
    public void Every_reading_type_has_a_name_an_obis_code_and_a_unit_of_its_own()
    {
        ReadingType[] all = Enum.GetValues<ReadingType>();
        Assert.Equal(all.Length, all.Select(type => type.Name()).Distinct().Count());
        Assert.All(all, type =>
        {
            Assert.DoesNotContain("type-", type.Name(), StringComparison.Ordinal);
            Assert.NotEqual(default, type.Obis());
            Assert.NotEqual(Unit.Unknown, type.Unit());
            Assert.True(type.IsDefined());
            Assert.NotEqual(type.IsRegister(), type.IsIntervalEnergy() || type is ReadingType.AverageVoltage or ReadingType.AverageCurrent);
        });
        Assert.False(((ReadingType)0).IsDefined());
        Assert.Equal(ReadingType.ImportRegister, ReadingType.ImportEnergy.Register());
        Assert.Equal(new ObisCode(1, 0, 1, 8, 0), ReadingType.ImportRegister.Obis());
        Assert.Null(ReadingType.ReactiveEnergyQ1.Register());
    }

    [Fact]
    public void Only_E2_to_E8_are_estimates()
    {
        IntervalState[] estimates = [.. Enum.GetValues<IntervalState>().Where(state => new IntervalQuality(state).IsEstimated)];
        Assert.Equal(
            [IntervalState.LinearInterpolation, IntervalState.CheckMeterCopy, IntervalState.LikeDayAverage, IntervalState.LikeDayLookup, IntervalState.ClassProfile, IntervalState.Flat, IntervalState.ZeroOutage],
            estimates);
    }

    [Theory]
    [InlineData("Europe/London", 2025, 3, 30, 30, 46)]
    [InlineData("Europe/London", 2025, 10, 26, 30, 50)]
    [InlineData("Europe/London", 2025, 10, 26, 60, 25)]
    [InlineData("Europe/London", 2024, 2, 29, 30, 48)]
    [InlineData("Asia/Kolkata", 2025, 3, 30, 30, 48)]
    [InlineData("Australia/Lord_Howe", 2025, 4, 6, 30, 49)]
    [InlineData("America/Havana", 2025, 3, 9, 15, 92)]
    public void A_local_day_is_counted_not_assumed(string zone, int year, int month, int day, int minutes, int count)
    {
        DateTimeZone tz = DateTimeZoneProviders.Tzdb[zone];
        var date = new LocalDate(year, month, day);
        Assert.Equal(count, LocalDays.IntervalCount(date, tz, minutes));
        Interval bounds = LocalDays.Bounds(date, tz);
        Assert.Equal(date, LocalDays.DayOf(bounds.Start, tz));
        Assert.Equal(date, LocalDays.DayOf(bounds.End - Duration.FromMinutes(minutes), tz));
        Assert.Equal(date.PlusDays(1), LocalDays.DayOf(bounds.End, tz));
    }

    [Fact]
    public void Money_turns_into_whole_paise_only_where_it_is_whole()
    {
        Assert.Equal(12_345, new Money(123.45m, "INR").ToMinorUnits());
        Assert.Equal(new Money(123.45m, "INR"), Money.FromMinorUnits(12_345, "INR"));
        Assert.Throws<InvalidOperationException>(() => new Money(0.001m, "INR").ToMinorUnits());
    }
}
