using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>Bodies that several classes share.</summary>
internal static class Methods
{
    /// <summary>A method that the class has and a device of ours refuses.</summary>
    public static ActionResult Denied(CosemObject instance, CosemContext context, CosemData parameters, out CosemData returned)
    {
        returned = default;
        return ActionResult.ReadWriteDenied;
    }
}
