-- mime.core's four codes: base64 and quoted-printable, both ways, whole and in pieces.

local t, s = ...
local mime = require("mime.core")

local SIZES = { 1, 2, 3, 4, 5, 7, 64, 2048, 8192 }

-- A text through a code in pieces of `size` bytes.
local function streamed(code, text, size, extra)
  local held, out, piece = "", {}, nil
  for i = 1, #text, size do
    piece, held = mime[code](held, text:sub(i, i + size - 1), extra)
    out[#out + 1] = piece
  end
  local last, none = mime[code](held, nil, extra)
  t.equal(none, nil)
  out[#out + 1] = last
  return table.concat(out)
end

t.case("the end of nothing is nothing", function()
  for _, code in ipairs({ "b64", "unb64", "qp", "unqp" }) do
    t.gives(nil, nil)(mime[code]())
    t.gives(nil, nil)(mime[code](nil))
    t.gives(nil, nil)(mime[code](""))
    t.gives("", "")(mime[code]("", ""))
  end
end)

t.case("b64: RFC 4648's examples", function()
  local examples = { "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" }
  for i, encoded in ipairs(examples) do
    t.gives(encoded, nil)(mime.b64(("foobar"):sub(1, i)))
    t.gives(("foobar"):sub(1, i), nil)(mime.unb64(encoded))
  end
end)

t.case("b64 holds back what makes no whole group", function()
  t.gives("", "ab")(mime.b64("a", "b"))
  t.gives("YWJj", "d")(mime.b64("ab", "cd"))
  t.gives("YWJjZGVm", "")(mime.b64("abcd", "ef"))
  t.gives("", "ab")(mime.b64("ab", ""))
  t.gives("MTI=", nil)(mime.b64(12))
end)

t.case_for(SIZES, "base64 of every byte, there and back in pieces", function(size)
  local data = s.noise(size * 3 + 4100)
  local encoded = streamed("b64", data, size)
  t.equal(encoded, (mime.b64(data)))
  t.equal(#encoded, math.ceil(#data / 3) * 4)
  t.equal(encoded:find("[^A-Za-z0-9+/=]"), nil)
  t.equal(streamed("unb64", encoded, size), data)
end)

t.case_for({ 1, 3, 5, 75, 76, 77, 4095, 4096, 4097 }, "unb64 of lines", function(length)
  local data = s.noise(20000)
  local encoded = mime.b64(data):gsub(("."):rep(math.min(length, 77)), "%0\r\n")
  t.equal((mime.unb64(encoded)) == data, true)
  t.equal(streamed("unb64", encoded, length) == data, true)
end)

t.case("unb64 leaves out what is no letter, and holds back the letters", function()
  t.gives("abc", nil)(mime.unb64("*YW*Jj*\0\255"))
  t.gives("abc", "ZA")(mime.unb64("YWJjZ*", "*A"))
  t.gives("", "AB")(mime.unb64("A*\n", "B"))
  t.gives("abc", nil)(mime.unb64("YWJjZA"))
  t.gives("abc", nil)(mime.unb64("YWJjZA="))
  local junk = (mime.b64(s.noise(30000))):gsub("....", "%0 \t")
  t.equal((mime.unb64(junk)) == s.noise(30000), true)
end)

t.case_for({ 4088, 4092, 4096, 4100, 8192 }, "unb64 of letters that something else follows late", function(count)
  local data = s.noise(20000)
  local encoded = mime.b64(data)
  for _, between in ipairs({ "\r\n", "*", " \t", "====" }) do
    local zero = between == "====" and "\0" or ""
    local cut = count / 4 * 3
    local wanted = data:sub(1, cut) .. zero .. data:sub(cut + 1)
    t.equal(mime.unb64(encoded:sub(1, count) .. between .. encoded:sub(count + 1)) == wanted, true, between)
  end
  local ended = mime.b64(data:sub(1, count / 4 * 3 - 1)) .. mime.b64("more")
  t.equal(mime.unb64(ended) == data:sub(1, count / 4 * 3 - 1) .. "more", true)
end)

t.case("unb64 goes on behind padding", function()
  t.gives("abcdabc", nil)(mime.unb64("YWJjZA==YWJj"))
  t.gives("aa", "")(mime.unb64("YQ==", "YQ=="))
  t.gives("ababc", nil)(mime.unb64("YWI=YWJj"))
  t.gives("aabc", nil)(mime.unb64("YW=jYWJj"))
  t.gives("`\2c", nil)(mime.unb64("Y=Jj"))
  t.gives("\1\133\137", nil)(mime.unb64("=YWJj"))
  t.gives("\0", nil)(mime.unb64("===="))
end)

t.case("qp quotes what RFC 2045 says", function()
  t.gives("a=3Db\r\n", nil)(mime.qp("a=b\r\n"))
  t.gives("=FF=00~!", nil)(mime.qp("\255\0~!"))
  t.gives("=0D\r\n", nil)(mime.qp("\r\r\n"))
  t.gives("a=0A", nil)(mime.qp("a\n"))
  t.gives("!\"#$@[\\]^`{|}~;", nil)(mime.qp("!\"#$@[\\]^`{|}~;"))
  t.gives("5", nil)(mime.qp(5))
end)

t.case("qp quotes blanks at the end of a line", function()
  t.gives("a=20\r\n", nil)(mime.qp("a \r\n"))
  t.gives("a=09\r\n", nil)(mime.qp("a\t\r\n"))
  t.gives(" \t=20\r\n", nil)(mime.qp(" \t \r\n"))
  t.gives("a=20=\r\n", nil)(mime.qp("a "))
  t.gives("a=20=09=\r\n", nil)(mime.qp("a \t"))
  t.gives("a=0D=\r\n", nil)(mime.qp("a\r"))
  t.gives("=0D=20=0A=\r\n", nil)(mime.qp("\r \n"))
end)

t.case("qp holds back what may end a line", function()
  t.gives("a", " ")(mime.qp("a", " "))
  t.gives("", " \r")(mime.qp(" ", "\r"))
  t.gives("=20\r\n", "")(mime.qp(" \r", "\n"))
  t.gives("a\r\n", "")(mime.qp("a\r", "\n"))
  t.gives("a=0Db", "")(mime.qp("a\r", "b"))
  t.gives("a =0Dx", "")(mime.qp("a \r", "x"))
  t.gives("a b", " c")(mime.qp("a b ", "c"))
end)

t.case("qp's marker stands for line ends", function()
  t.gives("a=0D=0Ab", "")(mime.qp("a\r\nb", "", "=0D=0A"))
  t.gives("aMK", "")(mime.qp("a\r", "\n", "MK"))
  t.gives("ab", "")(mime.qp("a\r\nb", "", ""))
end)

t.case("unqp reads quoted bytes and soft breaks", function()
  t.gives("a=", nil)(mime.unqp("a=3D"))
  t.gives("a=", nil)(mime.unqp("a=3d"))
  t.gives("ab", nil)(mime.unqp("a=\r\nb"))
  t.gives("a\r\nb", nil)(mime.unqp("a\r\nb"))
  t.gives("a \t\r\n", nil)(mime.unqp("a \t\r\n"))
end)

t.case("unqp keeps what is no quoted byte, and leaves out what may not be there", function()
  t.gives("a=XY", nil)(mime.unqp("a=XY"))
  t.gives("a==3D", nil)(mime.unqp("a==3D"))
  t.gives("ab", nil)(mime.unqp("a\nb"))
  t.gives("\t b", nil)(mime.unqp("\t \12\0\200b"))
  t.gives("a", nil)(mime.unqp("a=3"))
end)

t.case("unqp holds back half of it", function()
  t.gives("a=", "")(mime.unqp("a=", "3D"))
  t.gives("a=", "")(mime.unqp("a=3", "D"))
  t.gives("ab", "")(mime.unqp("a=\r", "\nb"))
  t.gives("a", "=3")(mime.unqp("a=3", ""))
  t.gives("a", "\r")(mime.unqp("a\r", ""))
end)

t.case("quoted bytes that begin with NUL are decoded", function()
  t.gives("\0ab", nil)(mime.unqp("=00ab"))
end)

t.case("a byte after a bare CR is kept", function()
  t.gives("ab", nil)(mime.unqp("a\rb"))
end)

t.case_for(SIZES, "quoted-printable of every byte, there and back in pieces", function(size)
  local data = "x" .. s.noise(size * 3 + 4100):gsub("[\r\n]", "\r\n") .. "end"
  local encoded = streamed("qp", data, size)
  t.equal(encoded:gsub("=\r\n$", "") == mime.qp(data):gsub("=\r\n$", ""), true)
  t.equal(streamed("unqp", encoded, size), data)
end)

t.case("arguments that are no strings raise", function()
  for _, code in ipairs({ "b64", "unb64", "qp", "unqp" }) do
    t.raises_like(function() mime[code]({}) end, "string expected, got table")
    t.raises_like(function() mime[code]("a", {}) end, "string expected, got table")
  end
end)

t.case("forty megabytes at once", function()
  local data = ("a\0b"):rep(12e6)
  local encoded = mime.b64(data)
  t.equal(encoded == ("YQBi"):rep(12e6), true)
  t.equal((mime.unb64(encoded)) == data, true)
end)

t.case("ten megabytes at once", function()
  local data = s.noise(10000019)
  local encoded = mime.b64(data)
  t.equal(#encoded, 13333360)
  t.equal((mime.unb64(encoded)) == data, true)
end)
