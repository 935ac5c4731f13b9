-- Where moonsocket's files of Lua differ from LuaSocket 3.1.0's on purpose: case -> reason. With the original's files
-- each of these cases must fail; one that passes is stale.

local lost = "the original loses data here"
local rfc = "the original does not follow RFC 3986 here"
local raises = "the original raises"
local smuggle = "the original lets it through"
local addition = "an addition"

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
  ["http: a POST without a body says so"] = "the original says nothing of its length",
  ["http: a fragment stays at home"] = "the original sends it",
  ["http: a source that fails does not end the body"] = "the original ends it as if it were whole",
  ["http: an address in brackets"] = "the original sends the address bare",
  ["http: early hints are no answer either"] = "the original skips 100 alone",
  ["http: empty chunks of a source are not the end"] = "to the original they are",
  ["http: header fields cannot smuggle others in"] = smuggle,
  ["http: nothing in a URL can end the request line"] = smuggle,
  ["http: parts without a scheme are about http"] = raises,
  ["http: schemes may be written in capitals"] = raises,
  ["http_bodies: HTTP/0.9, a very short page"] = "the original wants five bytes",
  ["http_bodies: a chunk that is longer than it says"] = "the original passes what is left over",
  ["http_bodies: a large chunk comes in pieces"] = "the original reads it whole",
  ["http_bodies: chunks that are none"] = "the original takes the digits that there are",
  ["http_bodies: the same length twice is one length"] = "the original reads to the end of the connection",
  ["http_failures: URLs that lead nowhere"] = raises,
  ["http_failures: a head that does not end"] = "the original has no limit",
  ["http_failures: a method that is none"] = smuggle,
  ["http_failures: an answer that comes before the body was read counts"] = lost,
  ["http_failures: header fields that are none"] = "the original takes some of them",
  ["http_pool: HTTP/1.0 may stay too, if it says so"] = addition,
  ["http_pool: a connection that is closed when the request comes: once more on a new one"] = addition,
  ["http_pool: a connection that was closed meanwhile is replaced"] = addition,
  ["http_pool: a redirect's connection is kept"] = addition,
  ["http_pool: a server that wants to close is let go"] = addition,
  ["http_pool: an answer that breaks off is no reason to ask again"] = addition,
  ["http_pool: bodies go over a kept connection"] = addition,
  ["http_pool: each create, and each way of TLS, has its own"] = addition,
  ["http_pool: each server has its own"] = addition,
  ["http_pool: no longer than it was told, and no more"] = addition,
  ["http_pool: requests share a connection"] = addition,
  ["http_pool: what comes unasked ends a connection"] = addition,
  ["http_pool: what must not be repeated is not"] = addition,
  ["http_proxies: the proxy hears no password and no fragment"] = "the original sends the URL as it is",
  ["http_redirects: 308 is followed too"] = "newer than the original",
  ["http_redirects: HEAD stays HEAD"] = "the original makes GET of it",
  ["http_redirects: queries are taken as they are"] = rfc,
  ["http_redirects: what only the first server may know stays there"] = "the original tells everybody",
}
