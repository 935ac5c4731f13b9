-- Where moonsocket's files of Lua differ from LuaSocket 3.1.0's on purpose: case -> reason. With the original's files
-- each of these cases must fail; one that passes is stale.

local lost = "the original loses data here"
local rfc = "the original does not follow RFC 3986 here"

return {
  ["ltn12: a source that has ended stays so"] = "some of the original's raise",
  ["ltn12: sink.file says when what was written cannot be kept"] = lost,
  ["ltn12: source.file says why reading failed"] = "the original takes an error for the end",
  ["ltn12_chains: a chunk that comes before the last one was drained takes the whole way"] =
    "the original gives it to the last filter alone",
  ["ltn12_chains: a filter that never ends is an error"] = "the original asks on and on",
  ["mime: wrap keeps to its length for quoted-printable too"] = "the original wraps at 76 whatever it is told",
  ["url: the authority ends at a question mark or hash"] = rfc,
  ["url: the last at-sign ends the user information"] = "the original takes the first, browsers the last",
  ["url: a colon in a password stays there"] = "the original gives it to the user's name",
  ["url_absolute: dots in a query or fragment lead nowhere"] = rfc,
  ["url_absolute: bases without a path, and other schemes"] = rfc,
  ["url_absolute: a relative base keeps what leads out of it"] = rfc,
  ["url_absolute: resolve is RFC 3986's"] = "an addition",
}
