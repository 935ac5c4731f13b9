-- Sources, sinks and pumps.

local t, s = ...
local ltn12 = require("ltn12")
local source, sink, pump = ltn12.source, ltn12.sink, ltn12.pump

t.case("what the module has", function()
  t.equal(ltn12.BLOCKSIZE, 2048)
  t.equal(ltn12._VERSION:match("^LTN12 %d") ~= nil, true)
  local names = {
    filter = { "chain", "cycle" },
    pump = { "all", "step" },
    sink = { "chain", "error", "file", "null", "simplify", "table" },
    source = { "cat", "chain", "empty", "error", "file", "rewind", "simplify", "string", "table" },
  }
  for kind, list in pairs(names) do
    for _, name in ipairs(list) do t.equal(type(ltn12[kind][name]), "function", kind .. "." .. name) end
  end
end)

t.case("it is global where Lua has module, for programs of that age", function()
  t.equal(rawget(_G, "ltn12") == ltn12, rawget(_G, "module") ~= nil)
end)

t.case("source.string gives blocks of BLOCKSIZE", function()
  local text = s.noise(5000)
  local out = s.drained(source.string(text))
  t.equal(#out, 3)
  t.equal(#out[1], 2048)
  t.equal(table.concat(out), text)
  t.equal(source.string("")(), nil)
  t.equal(source.string(nil)(), nil)
  t.equal(source.string(125)(), "125")
  ltn12.BLOCKSIZE = 2
  out = s.drained(source.string("abc"))
  ltn12.BLOCKSIZE = 2048
  t.equal(table.concat(out, "|"), "ab|c")
end)

t.case("source.table gives its entries, empty ones too", function()
  local out = s.drained(source.table({ "a", "", "b" }))
  t.equal(table.concat(out, "|"), "a||b")
  t.raised(function() source.table("no table") end)
end)

t.case("source.empty, source.error, sink.error, sink.null", function()
  t.equal((source.empty()()), nil)
  t.gives(nil, "why")(source.error("why")())
  t.gives(nil, "why")(sink.error("why")("chunk"))
  t.gives(1)(sink.null()("chunk"))
  t.gives(1)(sink.null()(nil, "why"))
end)

t.case("source.file reads blocks and closes", function()
  local text = s.noise(5000)
  local file = assert(io.open(t.scratch(text), "rb"))
  local out = s.drained(source.file(file))
  t.equal(table.concat(out), text)
  t.equal(#out[1], 2048)
  t.equal(io.type(file), "closed file")
end)

t.case("a file that is not there", function()
  t.gives(nil, "gone")(source.file(nil, "gone")())
  t.gives(nil, "unable to open file")(source.file(nil)())
  t.gives(nil, "gone")(sink.file(nil, "gone")("chunk"))
  t.gives(nil, "unable to open file")(sink.file(nil)("chunk"))
end)

t.case("source.file says why reading failed", function()
  local broken = { read = function() return nil, "broken", 5 end, close = function() end }
  t.gives(nil, "broken")(source.file(broken)())
end)

t.case("sink.file writes and closes", function()
  local path = t.scratch("")
  local file = assert(io.open(path, "wb"))
  local write = sink.file(file)
  t.ok(write("one "))
  t.ok(write("two"))
  t.gives(1)(write(nil))
  t.equal(io.type(file), "closed file")
  local again = assert(io.open(path, "rb"))
  t.equal(again:read("*a"), "one two")
  again:close()
end)

t.case("sink.file says when what was written cannot be kept", function()
  local full = io.open("/dev/full", "wb")
  if not full then t.skip("no /dev/full") end
  local write = sink.file(full)
  t.ok(write("chunk"))
  local done, message = write(nil)
  t.equal(done, nil)
  t.ok(message:find("space", 1, true), message)
  t.equal(io.type(full), "closed file")
end)

t.case("sink.table collects", function()
  local write, list = sink.table()
  t.gives(1)(write("a"))
  t.gives(1)(write("b"))
  t.gives(1)(write(nil, "why"))
  t.equal(table.concat(list, "|"), "a|b")
  local given = { "x" }
  local _, same = sink.table(given)
  t.equal(same, given)
end)

t.case("source.cat gives one after the other", function()
  local cat = source.cat(s.chunks("a", "b"), source.empty(), s.chunks("c"))
  t.equal(table.concat((s.drained(cat)), "|"), "a|b|c")
  local _, message = s.drained(source.cat(s.chunks("a"), source.error("why")))
  t.equal(message, "why")
end)

t.case("source.rewind gives back what it is given, the last first", function()
  local rewound = source.rewind(s.chunks("c", "d"))
  rewound("a")
  rewound("b")
  t.equal(table.concat((s.drained(rewound)), "|"), "b|a|c|d")
end)

t.case("fancy sources and sinks change themselves", function()
  local second = function() return "b", function() return nil, "why" end end
  local plain = source.simplify(function() return "a", second end)
  local out, message = s.drained(plain)
  t.equal(table.concat(out, "|"), "a|b")
  t.equal(message, "why")
  local simple = sink.simplify(function() return 1, function() return nil, "full" end end)
  t.gives(1)(simple("a"))
  t.gives(nil, "full")(simple("b"))
end)

t.case("a source that has ended stays so", function()
  local list = {
    source.string("a"), source.cat(s.chunks("a")), source.chain(s.chunks("a"), function(chunk) return chunk end),
    source.file(assert(io.open(t.scratch("a"), "rb"))),
  }
  for i, ended in ipairs(list) do
    t.equal(ended(), "a", "source " .. i)
    for _ = 1, 3 do t.equal(ended(), nil, "source " .. i) end
  end
end)

t.case("pump.step moves a chunk, an end, a failure", function()
  local got = {}
  local function keep(...)
    got[#got + 1] = t.pack(...)
    return 1
  end
  t.equal(pump.step(s.chunks("a"), keep), 1)
  t.equal(pump.step(s.chunks(), keep), nil)
  t.gives(nil, "why")(pump.step(source.error("why"), keep))
  t.gives(nil, "full")(pump.step(s.chunks("a"), sink.error("full")))
  t.equal(got[1][1], "a")
  t.equal(got[2][1], nil)
  t.equal(got[3][2], "why")
end)

t.case("pump.all moves all, by any step", function()
  local write, list = sink.table()
  t.gives(1)(pump.all(s.chunks("a", "b"), write))
  t.equal(table.concat(list, "|"), "a|b")
  t.gives(nil, "why")(pump.all(source.error("why"), sink.null()))
  t.gives(nil, "full")(pump.all(s.chunks("a"), sink.error("full")))
  local steps = 0
  t.gives(1)(pump.all(s.chunks("a", "b"), write, function(from, to)
    steps = steps + 1
    return pump.step(from, to)
  end))
  t.equal(steps, 3)
end)

t.case("what is missing raises", function()
  t.raised(function() ltn12.filter.cycle() end)
  t.raised(function() source.simplify() end)
  t.raised(function() source.rewind() end)
  t.raised(function() source.chain() end)
  t.raised(function() sink.simplify() end)
  t.raised(function() sink.chain(print) end)
  t.raised(function() pump.all(print) end)
end)
