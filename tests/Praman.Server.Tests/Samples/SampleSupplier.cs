using System.Text;
using Praman.Billing.Suppliers;

namespace Praman.Server.Testing;

/// <summary>The supplier of the town, who states everything that a bill can show.</summary>
internal static class SampleSupplier
{
    public static SupplierSet Set { get; } = Read("""
        {"format": "praman-supplier/1", "id": "sample-vidyut", "name": "Sample Vidyut Nigam Limited", "names": ["Sample Vidyut Nigam"], "country": "IN", "state": "Gujarat",
         "sources": {
          "code": {"title": "Supply code of the sample", "url": "https://regulator.example/code", "publisher": "State Electricity Regulatory Commission", "date": "2015-06-01", "kind": "primary"},
          "site": {"title": "Site of the supplier", "url": "https://sample-vidyut.example/help", "publisher": "Sample Vidyut Nigam", "date": "2026-01-02", "kind": "primary"}},
         "contact": {"address": "Sub-division 4, Lake Road, Sampleville", "telephones": ["1912", "1800 000 0001"], "email": "ask@sample-vidyut.example", "web": "https://sample-vidyut.example/", "sources": ["site"]},
         "payment": [{"text": "Cash or cheque at the sub-division", "sources": ["site"]}, {"text": "UPI from any application", "sources": ["site"]}],
         "due": [{"days": 10, "from": "issue", "clause": "Sample Code 2005, 4.1", "valid_to": "2015-05-31", "sources": ["code"]},
                 {"days": 15, "from": "issue", "clause": "Sample Code 2015, 6.2", "valid_from": "2015-06-01", "sources": ["code"]}],
         "disconnection": [{"clear_days": 15, "clause": "Electricity Act 2003, s. 56(1)", "valid_from": "2003-06-10", "sources": ["code"]}],
         "forum": {"name": "Forum of the supplier", "address": "Lake Road 1, Sampleville", "telephones": ["0265 000000"], "clause": "Electricity Act 2003, s. 42(5)", "sources": ["site"]},
         "ombudsman": {"name": "Ombudsman of the sample State", "address": "Court Road 9, Sample City", "email": "ombudsman@state.example", "clause": "Electricity Act 2003, s. 42(6)", "sources": ["code"]}}
        """);

    public static SupplierSet Read(string json) =>
        SupplierSet.TryParse(Encoding.UTF8.GetBytes(json), null, out SupplierSet? set, out var faults) ? set : throw new InvalidDataException(string.Join('\n', faults));
}
