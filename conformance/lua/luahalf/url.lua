-- URLs in parts and whole.

local t = ...
local url = require("socket.url")

-- The parts are exactly these.
local function parts(text, want, default)
  local got = t.ok(url.parse(text, default))
  for name, value in pairs(want) do t.equal(got[name], value, text .. ": " .. name) end
  for name, value in pairs(got) do
    if want[name] == nil and name ~= "authority" and name ~= "userinfo" then
      t.fail(text .. ": unexpected " .. name .. " " .. t.show(value), 2)
    end
  end
  return got
end

t.case("all parts", function()
  local got = parts("scheme://user:word@host:80/path;params?query#fragment", {
    scheme = "scheme", user = "user", password = "word", host = "host", port = "80", path = "/path",
    params = "params", query = "query", fragment = "fragment",
  })
  t.equal(got.authority, "user:word@host:80")
  t.equal(got.userinfo, "user:word")
end)

t.case("some parts", function()
  parts("http://host", { scheme = "http", host = "host" })
  parts("http://host/", { scheme = "http", host = "host", path = "/" })
  parts("//host:1", { host = "host", port = "1" })
  parts("/a/b?c=d;e", { path = "/a/b", query = "c=d;e" })
  parts("a;b;c", { path = "a", params = "b;c" })
  parts("?a?b", { query = "a?b" })
  parts("#a#b", { fragment = "a#b" })
  parts("a#b?c;d", { path = "a", fragment = "b?c;d" })
  parts("mailto:a@b", { scheme = "mailto", path = "a@b" })
  parts("file:///etc/x", { scheme = "file", path = "/etc/x" })
  parts("x-y+z.1:rest", { scheme = "x-y+z.1", path = "rest" })
  parts("http://h/p?", { scheme = "http", host = "h", path = "/p", query = "" })
  parts("http://u@h:", { scheme = "http", host = "h", user = "u", port = "" })
end)

t.case("addresses in brackets", function()
  parts("http://[::1]:80/p", { scheme = "http", host = "::1", port = "80", path = "/p" })
  parts("http://u:w@[fe80::1]", { scheme = "http", host = "fe80::1", user = "u", password = "w" })
end)

t.case("nothing is no URL", function()
  t.gives(nil, "invalid url")(url.parse(""))
  t.gives(nil, "invalid url")(url.parse(nil))
end)

t.case("defaults count where the URL has no such part", function()
  parts("//host/p", { scheme = "http", host = "host", path = "/p", port = 8 }, { scheme = "http", path = "/x", port = 8 })
  parts("http://host:9", { scheme = "http", host = "host", path = "/x", port = "9" }, { path = "/x", port = 8 })
end)

t.case("the authority ends at a question mark or hash", function()
  parts("http://host?q@other", { scheme = "http", host = "host", query = "q@other" })
  parts("http://host:80#f", { scheme = "http", host = "host", port = "80", fragment = "f" })
end)

t.case("the last at-sign ends the user information", function()
  parts("http://a@b:w@host", { scheme = "http", user = "a@b", password = "w", host = "host" })
end)

t.case("a colon in a password stays there", function()
  parts("http://u:a:b@host", { scheme = "http", user = "u", password = "a:b", host = "host" })
end)

t.case("build puts the parts together", function()
  t.equal(url.build({}), "")
  t.equal(url.build({ scheme = "http", host = "h", path = "/p", port = 80 }), "http://h:80/p")
  t.equal(url.build({ host = "h", user = "u", password = "w" }), "//u:w@h")
  t.equal(url.build({ host = "h", userinfo = "x" }), "//x@h")
  t.equal(url.build({ host = "h", password = "w" }), "//h")
  t.equal(url.build({ host = "::1", port = 80 }), "//[::1]:80")
  t.equal(url.build({ authority = "a:1", path = "/p" }), "//a:1/p")
  t.equal(url.build({ path = "/p", params = "a", query = "b", fragment = "c" }), "/p;a?b#c")
  t.equal(url.build({ scheme = "mailto", path = "a@b" }), "mailto:a@b")
end)

t.case("build reverses parse", function()
  for _, text in ipairs({
    "http://user:word@host:80/a/b;p?q=1&r#f", "//host/a", "/a/b", "a", "?q", "#f", "mailto:x@y", "http://[::1]:8/a",
    "http://u@h/", "ftp://h/a;type=i",
  }) do
    t.equal(url.build(t.ok(url.parse(text))), text)
  end
end)

t.case("escape and unescape", function()
  t.equal(url.escape("a b/c_-.~"), "a%20b%2fc_%2d%2e%7e")
  t.equal(url.unescape("a%20b%2F%2f%zz%4"), "a b//%zz%4")
  local all = {}
  for i = 0, 255 do all[#all + 1] = string.char(i) end
  all = table.concat(all)
  t.equal(url.unescape(url.escape(all)), all)
  t.equal(url.escape(all):find("[^%w_%%]"), nil)
  t.equal(url.escape(5), "5")
end)

t.case("paths in segments", function()
  local segments = url.parse_path("/a/b%20c/")
  t.equal(table.concat(segments, "|"), "a|b c")
  t.ok(segments.is_absolute)
  t.ok(segments.is_directory)
  segments = url.parse_path("a/b")
  t.equal(table.concat(segments, "|"), "a|b")
  t.equal(segments.is_absolute, nil)
  t.equal(segments.is_directory, nil)
  t.equal(#url.parse_path("/"), 0)
  t.equal(#url.parse_path(), 0)
end)

t.case("paths from segments", function()
  for _, path in ipairs({ "/a/b", "a/b/", "/", "", "/a%20b/c%2Fd", "/a.-_~!*'():@&=+$,b" }) do
    t.equal(url.build_path(url.parse_path(path)), path)
  end
  t.equal(url.build_path({ "a b", "c/d" }, true), "a b/c/d")
  t.equal(url.build_path({ "a b;", "ü", is_directory = 1 }), "a%20b%3B/%C3%BC/")
end)

t.case("numbers are taken for their digits", function()
  t.equal(url.parse(80).path, "80")
  t.equal(url.parse_path(80)[1], "80")
  t.equal(url.build({ scheme = "http", host = 127, port = 80, path = "/" }), "http://127:80/")
  t.equal(url.escape(80), "80")
end)
