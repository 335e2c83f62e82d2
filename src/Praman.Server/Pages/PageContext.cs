using Praman.Server.People;

namespace Praman.Server.Pages;

/// <summary>What the frame of every page needs to know of its request.</summary>
/// <param name="Person">Who signed in; null for a stranger.</param>
/// <param name="Theme"><c>light</c>, <c>dark</c>, or empty to follow the device.</param>
/// <param name="Path">Path and query of this page, to come back to.</param>
/// <param name="FormToken">Antiforgery token for the forms of the page.</param>
/// <param name="FormTokenField">Name of the token's field.</param>
/// <param name="PrintedFrom">Address of the server, to which links lead, for a page that is printed and must hold all that it shows; null for one that is sent.</param>
public sealed record PageContext(Person? Person, string Theme, string Path, string FormToken, string FormTokenField, string? PrintedFrom = null);

/// <summary>A link of the navigation.</summary>
public sealed record NavLink(string Key, string Href, string Text, string Icon);
