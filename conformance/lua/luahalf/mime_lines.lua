-- mime.core's functions about lines: wrp, qpwrp, eol, dot.

local t, s = ...
local mime = require("mime.core")

t.case("wrp breaks lines after so many bytes", function()
  t.gives("abcde\r\nfgh", 2)(mime.wrp(5, "abcdefgh", 5))
  t.gives("abcde", 0)(mime.wrp(5, "abcde", 5))
  t.gives("\r\nabcde", 0)(mime.wrp(0, "abcde", 5))
  t.gives("abcdefg\r\nh", 4)(mime.wrp(7, "abcdefgh", 5))
  t.gives("abcde\r\nfghijk", 70)(mime.wrp(5, "abcdefghijk"))
  t.gives("\r\nabc", 2)(mime.wrp(-3, "abc", 5))
  t.gives("", 5)(mime.wrp(5, "", 5))
end)

t.case("wrp knows the text's own line ends", function()
  t.gives("a\r\nb", 4)(mime.wrp(3, "a\r\nb", 5))
  t.gives("a\r\nb", 4)(mime.wrp(3, "a\nb", 5))
  t.gives("ab", 1)(mime.wrp(3, "a\rb", 5))
  t.gives("\r\n\r\n", 5)(mime.wrp(5, "\r\n\r\n", 5))
end)

t.case("wrp ends a line that has begun", function()
  t.gives("\r\n", 76)(mime.wrp(5))
  t.gives("\r\n", 5)(mime.wrp(3, nil, 5))
  t.gives(nil, 5)(mime.wrp(5, nil, 5))
  t.gives(nil, 76)(mime.wrp(76, nil))
end)

t.case("qpwrp breaks lines softly, and never within a quoted byte", function()
  t.gives("abcd=\r\nefgh", 1)(mime.qpwrp(5, "abcdefgh", 5))
  t.gives("abcd=\r\n=41e=\r\nf", 4)(mime.qpwrp(5, "abcd=41ef", 5))
  t.gives("ab=\r\n=41e=\r\nf", 4)(mime.qpwrp(5, "ab=41ef", 5))
  t.gives("a=41=\r\nef", 3)(mime.qpwrp(5, "a=41ef", 5))
  t.gives("=41=\r\n=42", 3)(mime.qpwrp(6, "=41=42", 6))
  t.gives("abcd\r\ne", 4)(mime.qpwrp(5, "abcd\r\ne", 5))
  t.gives("\r\n", 5)(mime.qpwrp(0, "\n", 5))
  t.gives("=\r\n", 5)(mime.qpwrp(3, nil, 5))
  t.gives("=\r\n", 76)(mime.qpwrp(5))
  t.gives(nil, 5)(mime.qpwrp(5, nil, 5))
end)

t.case("no line of qpwrp's is longer than it may be", function()
  local quoted = mime.qp((s.noise(3000):gsub("[\r\n]", "")))
  for length = 4, 80, 4 do
    local wrapped = mime.qpwrp(length, quoted, length)
    for line in wrapped:gmatch("[^\r\n]+") do t.near(#line, 1, length, "length of a line") end
    t.equal((wrapped:gsub("=\r\n", "")), (quoted:gsub("=\r\n$", "=")))
  end
end)

t.case("eol writes every line end as CRLF", function()
  for _, text in ipairs({ "a\nb", "a\rb", "a\r\nb", "a\n\rb" }) do t.gives("a\r\nb", 0)(mime.eol(0, text)) end
  t.gives("a\r\n\r\nb", 0)(mime.eol(0, "a\n\nb"))
  t.gives("\r\n\r\n", 0)(mime.eol(0, "\r\n\r\n"))
  t.gives("", 0)(mime.eol(0, ""))
  t.gives(nil, 0)(mime.eol(13, nil))
end)

t.case("eol remembers half a line end", function()
  t.gives("a\r\n", 13)(mime.eol(0, "a\r"))
  t.gives("b", 0)(mime.eol(13, "\nb"))
  t.gives("b", 0)(mime.eol(10, "\rb"))
  t.gives("\r\nb", 0)(mime.eol(13, "\rb"))
  t.gives("b", 0)(mime.eol(13, "b"))
end)

t.case("eol takes another marker", function()
  t.gives("aMKb", 0)(mime.eol(0, "a\nb", "MK"))
  t.gives("ab", 0)(mime.eol(0, "a\nb", ""))
end)

t.case("a marker may contain NUL", function()
  t.gives("a\0\0b", 0)(mime.eol(0, "a\nb", "\0\0"))
end)

t.case("dot doubles a dot at the start of a line", function()
  t.gives("..", 0)(mime.dot(2, "."))
  t.gives("...", 0)(mime.dot(2, ".."))
  t.gives(".", 0)(mime.dot(0, "."))
  t.gives("a\r\n..\r\n...x", 0)(mime.dot(2, "a\r\n.\r\n..x"))
  t.gives("\n.", 0)(mime.dot(0, "\n."))
  t.gives("\r.\n.", 0)(mime.dot(0, "\r.\n."))
  t.gives("\r\r\n..", 0)(mime.dot(0, "\r\r\n."))
  t.gives(nil, 2)(mime.dot(0, nil))
end)

t.case("dot remembers half a line end", function()
  t.gives("\r", 1)(mime.dot(0, "\r"))
  t.gives("\n", 2)(mime.dot(1, "\n"))
  t.gives("\n..", 0)(mime.dot(1, "\n."))
  t.gives("", 2)(mime.dot(2, ""))
  t.gives("x", 0)(mime.dot(1, "x"))
end)

t.case("pieces make what the whole makes", function()
  local text = (s.noise(2000):gsub("[%z\1-\31]", { ["\1"] = "\r\n", ["\2"] = "\n", ["\3"] = "\r\n.", ["\4"] = "\r" }))
  for name, start in pairs({ eol = 0, dot = 2, wrp = 20, qpwrp = 20 }) do
    local extra = start == 20 and 20 or nil
    local whole, at_end = mime[name](start, text, extra)
    for size = 1, 9 do
      local place, out, piece = start, {}, nil
      for i = 1, #text, size do
        piece, place = mime[name](place, text:sub(i, i + size - 1), extra)
        out[#out + 1] = piece
      end
      t.equal(table.concat(out), whole, name .. " in pieces of " .. size)
      t.equal(place, at_end, name)
    end
  end
end)

t.case("what is no number or string raises", function()
  for _, name in ipairs({ "wrp", "qpwrp", "eol", "dot" }) do
    t.raises_like(function() mime[name]() end, "number expected, got no value")
    t.raises_like(function() mime[name]("x", "y") end, "number expected, got string")
    t.raises_like(function() mime[name](1, {}) end, "string expected, got table")
  end
end)
