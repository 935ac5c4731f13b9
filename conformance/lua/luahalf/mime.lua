-- mime: the filters.

local t, s = ...
local mime = require("mime")
local ltn12 = require("ltn12")

local function whole(f, ...) return table.concat(s.filtered(f, ...)) end

t.case("what the module has", function()
  for _, name in ipairs({
    "b64", "decode", "dot", "encode", "eol", "normalize", "qp", "qpwrp", "stuff", "unb64", "unqp", "wrap", "wrp",
  }) do
    t.equal(type(mime[name]), "function", name)
  end
  t.equal(mime, require("mime.core"))
  t.ok(mime._VERSION:find("^MIME %d"))
  t.equal(type(mime.encodet.base64), "function")
  t.equal(type(mime.decodet["quoted-printable"]), "function")
  t.equal(mime.wrapt.default, mime.wrapt.text)
end)

t.case("encode and decode by name", function()
  t.equal(whole(mime.encode("base64"), "ab", "cd", "", "e"), "YWJjZGU=")
  t.equal(whole(mime.decode("base64"), "YW", "JjZG", "U="), "abcde")
  t.equal(whole(mime.encode("quoted-printable"), "a=", "b \r", "\n"), "a=3Db=20\r\n")
  t.equal(whole(mime.encode("quoted-printable", "text"), "a\r\n"), "a\r\n")
  t.equal(whole(mime.encode("quoted-printable", "binary"), "a\r", "\n"), "a=0D=0A")
  t.equal(whole(mime.decode("quoted-printable"), "a=", "3", "Db=\r", "\nc"), "a=bc")
end)

t.case("an unknown name raises", function()
  for _, name in ipairs({ "encode", "decode" }) do
    t.raises(function() mime[name]("base65") end, "unknown key (base65)")
    t.raises(function() mime[name]() end, "unknown key (default)")
  end
  t.raises(function() mime.wrap("base65") end, "unknown key (base65)")
end)

t.case("wrap by name, by length, by default", function()
  local long = ("x"):rep(100)
  local wrapped = long:sub(1, 76) .. "\r\n" .. long:sub(77) .. "\r\n"
  t.equal(whole(mime.wrap(), long), wrapped)
  t.equal(whole(mime.wrap("text"), long), wrapped)
  t.equal(whole(mime.wrap("base64"), long), wrapped)
  t.equal(whole(mime.wrap("text", 5), "abc", "def"), "abcde\r\nf\r\n")
  t.equal(whole(mime.wrap(5), "abcdef"), "abcde\r\nf\r\n")
  t.equal(whole(mime.wrap("quoted-printable"), long), long:sub(1, 75) .. "=\r\n" .. long:sub(76) .. "=\r\n")
end)

t.case("wrap keeps to its length for quoted-printable too", function()
  t.equal(whole(mime.wrap("quoted-printable", 5), "abcdef"), "abcd=\r\nef=\r\n")
end)

t.case("normalize and stuff", function()
  t.equal(whole(mime.normalize(), "a\r", "\nb\n", "c"), "a\r\nb\r\nc")
  t.equal(whole(mime.normalize("\n"), "a\r", "\nb\r", "c"), "a\nb\nc")
  t.equal(whole(mime.stuff(), ".a\r\n", ".b\r", "\n", ".", "."), "..a\r\n..b\r\n...")
end)

t.case("a message as a mail program makes it", function()
  local data = s.noise(10000)
  local encoded = ltn12.source.chain(ltn12.source.string(data),
    ltn12.filter.chain(mime.encode("base64"), mime.wrap("base64")))
  local text = table.concat((s.drained(encoded)))
  t.equal(#text:match("^[^\r]+"), 76)
  t.equal(text:sub(-2), "\r\n")
  local write, list = ltn12.sink.table()
  t.ok(ltn12.pump.all(ltn12.source.string(text), ltn12.sink.chain(mime.decode("base64"), write)))
  t.equal(table.concat(list), data)
end)

t.case("wrap tears no quoted byte, however short the lines are to be", function()
  local encoded = mime.qp("a=b=c\195\169 d")
  for length = -1, 9 do
    local wrapped = whole(mime.wrap("quoted-printable", length), encoded)
    t.equal(whole(mime.decode("quoted-printable"), wrapped), "a=b=c\195\169 d")
  end
end)

t.case("text through quoted-printable with short lines", function()
  local text = ("Grüße aus = und\ttab \nnext.\n"):rep(100)
  local chain = ltn12.filter.chain(mime.normalize(), mime.encode("quoted-printable"), mime.wrap("quoted-printable"))
  local out = table.concat((s.drained(ltn12.source.chain(ltn12.source.string(text), chain))))
  for line in out:gmatch("[^\r\n]+") do t.near(#line, 1, 76, "length of a line") end
  t.equal(out:find("[\128-\255]"), nil)
  local back = table.concat((s.drained(ltn12.source.chain(ltn12.source.string(out), mime.decode("quoted-printable")))))
  t.equal(back, (text:gsub("\n", "\r\n")))
end)
