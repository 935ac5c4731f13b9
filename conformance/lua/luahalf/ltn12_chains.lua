-- Filters, and chains of them.

local t, s = ...
local ltn12 = require("ltn12")
local filter, source, sink, pump = ltn12.filter, ltn12.source, ltn12.sink, ltn12.pump

-- Holds back the last `n` bytes until more come, or the end.
local function holding(n)
  local held = ""
  return function(chunk)
    if not chunk then
      local rest = held
      held = ""
      return rest ~= "" and rest or nil
    end
    held = held .. chunk
    local out = held:sub(1, -n - 1)
    held = held:sub(#out + 1)
    return out
  end
end

-- Gives its input in pieces of `n` bytes, one for each time that it is asked.
local function splitting(n)
  local left, over = "", false
  return function(chunk)
    if chunk then left = left .. chunk else over = true end
    local out = left:sub(1, n)
    left = left:sub(n + 1)
    if out == "" and over then return nil end
    return out
  end
end

-- Puts a mark at the end.
local function ending(mark)
  local ended = false
  return function(chunk)
    if chunk then return chunk end
    if ended then return nil end
    ended = true
    return mark
  end
end

t.case("cycle keeps the context and passes the extra argument", function()
  local f = filter.cycle(function(sum, chunk, extra)
    if not chunk then return nil, sum end
    return tostring(sum) .. extra .. chunk, sum + #chunk
  end, 10, "/")
  t.equal(f("ab"), "10/ab")
  t.equal(f("c"), "12/c")
  t.equal(f(nil), nil)
end)

local function all_of(...)
  local out, message = s.drained(source.chain(source.string("the quick brown fox"), filter.chain(...)))
  t.equal(message, nil)
  return table.concat(out)
end

t.case("a chain gives what its filters give one after the other", function()
  t.equal(all_of(holding(3)), "the quick brown fox")
  t.equal(all_of(holding(3), holding(5), ending("!")), "the quick brown fox!")
  t.equal(all_of(ending("!"), holding(4), ending("?"), holding(1)), "the quick brown fox!?")
  t.equal(all_of(splitting(4), ending("!"), splitting(3), holding(2)), "the quick brown fox!")
  t.equal(all_of(holding(2), splitting(1), splitting(5), ending("."), splitting(2)), "the quick brown fox.")
end)

t.case("what a filter still has comes before what the one before it has", function()
  local chained = filter.chain(splitting(4), splitting(3))
  local out = {}
  local chunk = "abcdefgh"
  repeat
    out[#out + 1] = chained(chunk)
    chunk = ""
  until out[#out] == ""
  t.equal(table.concat(out, "|"), "abc|d|efg|h|")
end)

t.case("source.chain takes several filters", function()
  local out = s.drained(source.chain(s.chunks("abc", "def"), splitting(2), ending("!")))
  t.equal(table.concat(out), "abcdef!")
  t.equal(out[1], "ab")
end)

t.case("source.chain passes the source's error on", function()
  local chained = source.chain(source.cat(s.chunks("a"), source.error("why")), holding(0))
  t.equal(chained(), "a")
  t.gives(nil, "why")(chained())
end)

t.case("sink.chain filters what it is given", function()
  local write, list = sink.table()
  t.gives(1)(pump.all(s.chunks("abc", "", "def"), sink.chain(splitting(2), ending("!"), write)))
  t.equal(table.concat(list), "abcdef!")
  t.equal(list[1], "ab")
end)

t.case("sink.chain passes the sink's refusal on", function()
  t.gives(nil, "full")(sink.chain(holding(0), sink.error("full"))("chunk"))
end)

t.case("sink.chain tells the sink of a failure", function()
  local told
  local chained = sink.chain(ending("!"), function(chunk, message)
    told = message
    return 1
  end)
  t.gives(nil, "why")(pump.step(source.error("why"), chained))
  t.equal(told, "why")
end)

t.case("a filter that ends too early is an error", function()
  t.raised(function() source.chain(s.chunks("a", "b"), function() return nil end)() end)
end)

t.case("a filter that never ends is an error", function()
  local asked = 0
  local chained = source.chain(s.chunks("a"), function(chunk)
    asked = asked + 1
    if asked > 50 then error({ "asked on and on" }) end
    return chunk or ""
  end)
  t.equal(chained(), "a")
  t.equal(type(t.raised(chained)), "string")
end)

t.case("a chunk that comes before the last one was drained takes the whole way", function()
  local upper = function(chunk) return chunk and chunk:upper() end
  local chained = filter.chain(upper, ending("!"))
  t.equal(chained("ab"), "AB")
  t.equal(chained("cd"), "CD")
  t.equal(chained(nil), "!")
  t.equal(chained(nil), nil)
end)
