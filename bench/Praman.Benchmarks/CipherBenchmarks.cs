using BenchmarkDotNet.Attributes;
using Praman.Dlms.Security;

namespace Praman.Benchmarks;

/// <summary>Suite 0 on one APDU, and key wrap. Budget: 0 B allocated for the cipher.</summary>
[MemoryDiagnoser]
public class CipherBenchmarks
{
    private readonly GcmCipher _cipher = new(new byte[16]);
    private readonly byte[] _title = new byte[8];
    private readonly byte[] _authenticationKey = new byte[16];
    private byte[] _plain = [];
    private byte[] _cipherText = [];
    private readonly byte[] _tag = new byte[GcmCipher.TagLength];

    [Params(200, 1024)]
    public int Octets { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _plain = new byte[Octets];
        _cipherText = new byte[Octets];
    }

    [Benchmark]
    public void Encrypt() => _cipher.Encrypt(_title, new SecurityHeader(SecurityControl.AuthenticatedEncryption, 1), _authenticationKey, _plain, _cipherText, _tag);
}
