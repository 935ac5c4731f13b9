-- Relative URLs.

local t = ...
local url = require("socket.url")

local BASE = "http://a/b/c/d;p?q"

-- RFC 3986, 5.4; the parameters belong to the last segment alone, as in RFC 1808.
local EXAMPLES = {
  ["g:h"] = "g:h", ["g"] = "http://a/b/c/g", ["./g"] = "http://a/b/c/g", ["g/"] = "http://a/b/c/g/",
  ["/g"] = "http://a/g", ["//g"] = "http://g", ["?y"] = "http://a/b/c/d;p?y", ["g?y"] = "http://a/b/c/g?y",
  ["#s"] = "http://a/b/c/d;p?q#s", ["g#s"] = "http://a/b/c/g#s", ["g?y#s"] = "http://a/b/c/g?y#s",
  [";x"] = "http://a/b/c/d;x", ["g;x"] = "http://a/b/c/g;x", ["g;x?y#s"] = "http://a/b/c/g;x?y#s",
  [""] = "http://a/b/c/d;p?q", ["."] = "http://a/b/c/", ["./"] = "http://a/b/c/", [".."] = "http://a/b/",
  ["../"] = "http://a/b/", ["../g"] = "http://a/b/g", ["../.."] = "http://a/", ["../../g"] = "http://a/g",
  ["../../../g"] = "http://a/g", ["/./g"] = "http://a/g", ["/../g"] = "http://a/g", ["g."] = "http://a/b/c/g.",
  [".g"] = "http://a/b/c/.g", ["g.."] = "http://a/b/c/g..", ["..g"] = "http://a/b/c/..g",
  ["./../g"] = "http://a/b/g", ["./g/."] = "http://a/b/c/g/", ["g/./h"] = "http://a/b/c/g/h",
  ["g/../h"] = "http://a/b/c/h", ["g;x=1/../y"] = nil,
}

t.case("RFC 3986's examples", function()
  for relative, want in pairs(EXAMPLES) do t.equal(url.absolute(BASE, relative), want, relative) end
end)

t.case("a base in parts", function()
  t.equal(url.absolute({ scheme = "http", host = "a", authority = "a", path = "/x/y" }, "z"), "http://a/x/z")
  t.equal(url.absolute(url.parse(BASE), "../g"), "http://a/b/g")
end)

t.case("a base with a user and a port", function()
  t.equal(url.absolute("http://u:w@h:8/x/y", "z"), "http://u:w@h:8/x/z")
  t.equal(url.absolute("http://u:w@h:8/x/y", "//other/z"), "http://other/z")
end)

t.case("a base without a path", function()
  t.equal(url.absolute("http://a", "x"), "http://a/x")
  t.equal(url.absolute("http://a", "../x"), "http://a/x")
  t.equal(url.absolute("http://a", "?y"), "http://a?y")
end)

t.case("empty segments count", function()
  t.equal(url.absolute("http://a/b/c/d/", "..//../../../q"), "http://a/q")
  t.equal(url.absolute("http://a/b/c/d/", "..//x/..///../../../../q"), "http://a/b/q")
end)

t.case("bases without a scheme", function()
  t.equal(url.absolute("/a/b", "c"), "/a/c")
  t.equal(url.absolute("a/b/../", "d/e"), "a/d/e")
  t.equal(url.absolute("//h/a", "b"), "//h/b")
  t.equal(url.absolute("", "x"), "x")
end)

t.case("dots in a query or fragment lead nowhere", function()
  t.equal(url.absolute(BASE, "/x?next=/../y"), "http://a/x?next=/../y")
  t.equal(url.absolute(BASE, "g#s/../x"), "http://a/b/c/g#s/../x")
end)

t.case("bases without a path, and other schemes", function()
  t.equal(url.absolute("http://a?x", "y"), "http://a/y")
  t.equal(url.absolute("mailto:a", "b"), "mailto:b")
  t.equal(url.absolute(BASE, "g:h/../x"), "g:h/../x")
  t.equal(url.absolute(BASE, "//h/.."), "http://h/")
end)

t.case("a relative base keeps what leads out of it", function()
  t.equal(url.absolute("a", "../x"), "../x")
  t.equal(url.absolute("../a", "../x"), "../../x")
end)

t.case("resolve is RFC 3986's", function()
  for relative, want in pairs(EXAMPLES) do t.equal(url.resolve(BASE, relative), want, relative) end
  t.equal(url.resolve(BASE, "g?y/./x"), "http://a/b/c/g?y/./x")
end)

t.case("an authority stays as it is written", function()
  t.equal(url.absolute("http://u:p@h::80/a", "b"), "http://u:p@h::80/b")
  t.equal(url.absolute("http://[::1/a/b", "../c"), "http://[::1/c")
  t.equal(url.absolute("http://other/", "http://h:x:1/a"), "http://h:x:1/a")
end)

t.case("nothing leads to the base, a number is a path", function()
  t.equal(url.absolute("http://a/b/c?q"), "http://a/b/c?q")
  t.equal(url.absolute("http://a/b/c", 5), "http://a/b/5")
end)
