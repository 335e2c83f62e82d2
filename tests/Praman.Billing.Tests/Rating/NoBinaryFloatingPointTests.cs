using System.Reflection;
using System.Reflection.Emit;
using Praman.Billing.Rating;

namespace Praman.Billing.Tests.Rating;

/// <summary>Tariffs and rating hold no binary floating point: not in a field, a signature, a local or an instruction.</summary>
public sealed class NoBinaryFloatingPointTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(c => (int)(ushort)c.Value);

    private static IEnumerable<Type> Types => typeof(RatingEngine).Assembly.GetTypes()
        .Where(t => t.Namespace is { } name && (name.StartsWith("Praman.Billing.Rating", StringComparison.Ordinal) || name.StartsWith("Praman.Billing.Tariffs", StringComparison.Ordinal)));

    [Fact]
    public void NoFieldLocalOrSignatureIsDoubleOrFloat()
    {
        List<string> found = [];
        foreach (Type type in Types)
        {
            foreach (FieldInfo field in type.GetFields(All)) Check(field.FieldType, $"{type}.{field.Name}");
            foreach (MethodBase method in Methods(type))
            {
                foreach (ParameterInfo parameter in method.GetParameters()) Check(parameter.ParameterType, $"{type}.{method.Name}({parameter.Name})");
                if (method is MethodInfo { ReturnType: { } result }) Check(result, $"{type}.{method.Name}");
                foreach (LocalVariableInfo local in method.GetMethodBody()?.LocalVariables ?? []) Check(local.LocalType, $"{type}.{method.Name} local {local.LocalIndex}");
            }
        }
        Assert.True(Types.Count() > 50);
        Assert.Empty(found);

        void Check(Type type, string place)
        {
            if (Mentions(type)) found.Add(place);
        }
    }

    [Fact]
    public void NoInstructionLoadsOrConvertsToFloatingPoint()
    {
        List<string> found = [];
        int instructions = 0;
        foreach (Type type in Types)
        {
            foreach (MethodBase method in Methods(type))
            {
                foreach (OpCode code in Instructions(method.GetMethodBody()?.GetILAsByteArray() ?? []))
                {
                    instructions++;
                    if (code.Name is { } name && (name.StartsWith("conv.r", StringComparison.Ordinal) || name.StartsWith("ldc.r", StringComparison.Ordinal) || name.EndsWith(".r4", StringComparison.Ordinal) || name.EndsWith(".r8", StringComparison.Ordinal)))
                    {
                        found.Add($"{type}.{method.Name}: {name}");
                    }
                }
            }
        }
        Assert.True(instructions > 5_000);
        Assert.Empty(found);
    }

    [Fact]
    public void TheScanFindsAnInstructionWhereThereIsOne()
    {
        MethodInfo method = typeof(NoBinaryFloatingPointTests).GetMethod(nameof(Sample), All)!;
        Assert.Contains(Instructions(method.GetMethodBody()!.GetILAsByteArray()!), c => c.Name == "conv.r8");
        Assert.True(Mentions(typeof(List<double?>)));
    }

    private static double Sample(int value) => value;

    private static IEnumerable<MethodBase> Methods(Type type) => type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All));

    private static bool Mentions(Type type) =>
        type == typeof(double) || type == typeof(float) || type == typeof(Half) ||
        (type.HasElementType && Mentions(type.GetElementType()!)) || (type.IsGenericType && type.GetGenericArguments().Any(Mentions));

    private static IEnumerable<OpCode> Instructions(byte[] code)
    {
        for (int at = 0; at < code.Length;)
        {
            int value = code[at++];
            if (value == 0xFE) value = 0xFE00 | code[at++];
            OpCode instruction = Codes[value];
            yield return instruction;
            at += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
