-- Judges the layer over Lua's C API by its toy dialect (lua-binding/src/selftest), on every Lua:
--   LUA_CPATH="DIR/?.so" lua5.4 lua-binding/tests/vm.lua
-- where DIR/moonsocket_selftest.so is a module build with the feature `selftest`.
local m = require "moonsocket_selftest"

local unpack = table.unpack or unpack
local is51 = _VERSION == "Lua 5.1"
local has_integers = math.type ~= nil
local passed, failed = 0, 0

local function show(v)
  return type(v) == "string" and string.format("%q", v) or tostring(v)
end

local function is(got, want, what)
  if got == want or (got ~= got and want ~= want) then
    passed = passed + 1
  else
    failed = failed + 1
    io.stderr:write(what or "?", ": got ", show(got), ", wanted ", show(want), "\n")
  end
end

local function list(...)
  return { n = select("#", ...), ... }
end

local function are(what, want, ...)
  is(select("#", ...), want.n, what .. ": count")
  for i = 1, want.n do
    is((select(i, ...)), want[i], what .. ": result " .. i)
  end
end

-- The text of the error that the function raises, without a position.
local function raised(what, want, f, ...)
  local ok, message = pcall(f, ...)
  is(ok, false, what .. ": raised")
  is(type(message), "string", what .. ": type")
  is(tostring(message):gsub("^[^:]*vm%.lua:%d+: ", ""), want, what)
end

local function collect()
  collectgarbage()
  collectgarbage()
end

-- Modules ---------------------------------------------------------------------------------------
is(m.ANSWER, 42, "constant")
is(m.NAME, "toy", "constant string")
is(m.inner.truth(1), true, "inner table")
is(m.half, "Lua half", "chunk")
is(m.setup, "was run", "setup")

-- Arguments -------------------------------------------------------------------------------------
are("number", list(3.5, 3), m.number(3.5))
are("numeric string", list(16, 16), m.number("0x10"))
raised("no number", "bad argument #1 to 'number' (number expected, got no value)", function() m.number() end)
raised("nil number", "bad argument #1 to 'number' (number expected, got nil)", function() m.number(nil) end)
raised("text number", "bad argument #1 to 'number' (number expected, got string)", function() m.number("x") end)
if has_integers then
  is(math.type((m.number(3))), "float", "a number is a float")
  is(math.type((select(2, m.number(3)))), "integer", "an integer is an integer")
  raised("fraction", "bad argument #1 to 'integer' (number has no integer representation)",
    function() m.integer(1.5) end)
end
is(m.integer("12"), 12, "integer")
are("bytes", list("a\0b", "a\0b"), m.bytes("a\0b"))
is((m.bytes(12)), "12", "number as bytes")
is((m.bytes("")), "", "no bytes")
raised("no bytes", "bad argument #1 to 'bytes' (string expected, got no value)", function() m.bytes() end)
raised("table", "bad argument #1 to 'bytes' (string expected, got table)", function() m.bytes {} end)
is(m.boolean(false), false, "boolean")
raised("boolean", "bad argument #1 to 'boolean' (boolean expected, got number)", function() m.boolean(1) end)
raised("no boolean", "bad argument #1 to 'boolean' (boolean expected, got no value)", function() m.boolean() end)
is(m.truth(0), true, "truth of 0")
is(m.truth(), false, "truth of nothing")
is(m.presence(), "absent", "absent")
is(m.presence(nil), "nil", "nil")
is(m.presence(4), 4, "present")
raised("present but wrong", "bad argument #1 to 'presence' (number expected, got table)",
  function() m.presence {} end)
are("any: none", list("none", nil, nil, false), m.kind())
is((m.kind()), "none", "none")
is((m.kind(nil)), "nil", "nil")
is((m.kind(true)), "boolean", "boolean")
is(select(2, m.kind(7)), 7, "number")
is(select(3, m.kind(7)), nil, "a number is not bytes")
is(select(2, m.kind("7")), 7, "text as number")
is(select(3, m.kind("7")), "7", "text as bytes")
is((m.kind {}), "table", "table")
is((m.kind(print)), "function", "function")
is((m.kind(io.stdout)), "userdata", "userdata")
is((m.kind(coroutine.create(function() end))), "thread", "thread")
is(m.mode("write"), 1, "keyword")
raised("keyword", "bad argument #1 to 'mode' (invalid option 'x')", function() m.mode("x") end)
are("rest", list(3, 6, true), m.count(1, 2, 3))
are("no rest", list(0, 0, true), m.count())

-- Raising ---------------------------------------------------------------------------------------
raised("argument", "bad argument #2 to 'raise' (not this)", function() m.raise("argument") end)
raised("quoting", "bad argument #2 to 'raise' (unsupported option `x')", function() m.raise("quoting", "x") end)
raised("type", "bad argument #2 to 'raise' (toy expected, got boolean)", function() m.raise("type", true) end)
is(select(2, pcall(function() m.raise("here") end)):match("vm%.lua:%d+: from here$") ~= nil, true, "position")
local value = {}
is(select(2, pcall(m.raise, "value", value)), value, "an error keeps its identity")
is(#select(2, pcall(m.raise, "quoting", ("x"):rep(5000))) < 700, true, "a long text is cut")

-- Classes ---------------------------------------------------------------------------------------
local open, made = m.toy(true)
local shut = m.toy(false)
is(made, "made", "an owned string")
is(type(open), "userdata", "object")
is(tostring(open):match("^toy{open}: 0?x?%x+$") ~= nil, true, "tostring: " .. tostring(open))
is(open.class, "toy{open}", "class")
is(shut.class, "toy{shut}", "class")
is(open.nothing, nil, "unknown field")
local meta = getmetatable(open)
is(type(meta), "table", "metatable")
is(type(meta.__index), "table", "__index")
is(meta["toy{any}"], true, "mark")
is(meta["open{able}"], true, "mark of one class")
is(getmetatable(shut)["open{able}"], nil, "mark of the other class")
is(meta.__index ~= getmetatable(shut).__index, true, "each class has its methods")
is(pcall(function() open.x = 1 end), false, "no new fields")
is(debug.getregistry()["toy{open}"], meta, "the registry has the class")
raised("tostring", "invalid object passed to 'toy:__tostring'", meta.__tostring, io.stdout)
raised("tostring of nothing", "invalid object passed to 'toy:__tostring'", meta.__tostring)

is(open:send("hello"), 5, "send")
is(open:send("hello", 1, -2), 4, "send")
raised("wrong class", "calling 'send' on bad self (toy{open} expected)", function() shut:send("x") end)
raised("wrong class by dot", "bad argument #1 to 'send' (toy{open} expected)", function()
  local toy = { send = shut.send }
  toy.send(shut, "x")
end)
raised("method argument", "bad argument #1 to 'send' (string expected, got no value)", function() open:send() end)
raised("late argument", "bad argument #2 to 'send' (number expected, got table)", function() open:send("", {}) end)
for _, foreign in ipairs { 1, "x", true, print, {}, io.stdout, coroutine.create(function() end), (m.other()), ("x"):rep(80) } do
  is(pcall(open.getfd, foreign), false, "foreign self " .. tostring(foreign))
end
is(pcall(open.getfd), false, "no self")
if newproxy then
  is(pcall(open.getfd, newproxy(true)), false, "a small userdata")
end
local before = getmetatable(shut)
shut:open(true)
is(getmetatable(shut), meta, "an object changes its class")
is(shut:send("x"), 1, "and its methods with it")
shut:open(false)
is(getmetatable(shut), before, "and back")
is(tostring(shut):match("^[^:]*"), "toy{shut}", "and its name")
are("settimeout", list(1), open:settimeout(5, "t"))
is(open:getfd(), 5, "settimeout worked")
open:settimeout()
is(open:getfd(), -1, "settimeout(nil)")
raised("mode", "bad argument #2 to 'settimeout' (invalid timeout mode)", function() open:settimeout(1, "x") end)
are("three results", list(nil, "timeout", ""), open:receive())
is(select("#", open:receive()), 3, "three results")
is((select(2, open:receive())), "timeout", "a hot word")
if has_integers then
  is(math.type(open:getfd()), "float", "numbers are floats")
end

-- Two arguments, one object -----------------------------------------------------------------------
local third = m.toy(true)
are("distinct", list(false, false, false, true), open:same(shut, third))
are("self twice", list(true, true, true, nil), open:same(open, open))
are("one twice", list(false, false, true, false), open:same(shut, shut))
are("busy", list("calling back"), third:poke(function() return "calling back" end))
raised("busy", "moonsocket: the object is in use further up", function()
  third:poke(function() return third:getfd() end)
end)
is(pcall(third.poke, third, function() return third:poke(print) end), false, "busy as an argument")
is(third:getfd() > 0, true, "no longer busy")
raised("poke on a wrong class", "calling 'poke' on bad self (toy{open} expected)", function() shut:poke(print) end)

-- Lending -----------------------------------------------------------------------------------------
local function pattern(n)
  return (("0123456789abcdef"):rep(math.floor(n / 16) + 1)):sub(1, n)
end
for _, n in ipairs { 0, 1, 20, 1000, 2048, 2049, 16384, 18432, 18433, 100000 } do
  local text = pattern(n)
  is(open:fill(text), n, "fill " .. n)
  local count = open:returned()
  are("lend " .. n, list(text, true), open:lend())
  is(open:returned(), count + 1, "returned " .. n)
  local half = math.floor(n / 2)
  are("lend twice " .. n, list(text:sub(1, half), "closed", text:sub(half + 1), 4), open:lendtwice())
  are("owned " .. n, list(("x"):rep(n), "end"), m.large(n))
end
are("lend a part", list("01234", true), (function() open:fill(pattern(9)); return open:lend(5) end)())

-- A finaliser that runs while bytes are lent, and changes the object they are lent from: what
-- comes is what was there before or after, never a mixture or memory that is gone.
do
  local text, runs, wrong = pattern(1000), 0, 0
  local function finaliser()
    runs = runs + 1
    open:fill("!!!")
    open:fill(("!"):rep(1000))
    open:lendtwice()
    open:fill("!!!")
  end
  local function garbage()
    if newproxy then
      getmetatable(newproxy(true)).__gc = finaliser
    else
      setmetatable({}, { __gc = finaliser })
    end
  end
  local function check(it)
    if it ~= text and it ~= "!!!" then
      wrong = wrong + 1
    end
  end
  for i = 1, 20000 do
    garbage()
    open:fill(text)
    local a = open:lend()
    open:fill(text)
    local b, _, c = open:lendtwice()
    open:fill(text)
    local _, d = open:lendlate()
    open:fill(text)
    local quad, e = open:lendbehindquad()
    check(a)
    check(b .. c)
    check(d)
    check(e)
    if quad ~= "10.0.255.1" then wrong = wrong + 1 end
  end
  is(runs > 100, true, "finalisers ran")
  is(wrong, 0, "finalisers do not disturb what is lent")
  collect()
end

-- Owning ------------------------------------------------------------------------------------------
local tree = m.tree()
is(tree.name, "moon", "tree")
is(tree.list[2], 2.5, "tree list")
is(#tree.list, 3, "tree list")
is(tree.map[7], "seven", "tree map")
is(select("#", m.many()), 60, "many results")
is((select(60, m.many())), "many", "many results")
open, shut, third, before, meta, made = nil, nil, nil, nil, nil, nil
collect()
is(m.alive(), 0, "all toys are dropped")
for _ = 1, 100 do
  is(select(2, pcall(m.waste)), "wasted 2", "waste")
end
is(m.alive(), 0, "what was not returned is dropped")

-- The end of objects --------------------------------------------------------------------------------
do
  local toy = m.toy(true)
  local meta = getmetatable(toy)
  is(m.alive(), 1, "alive")
  meta.__gc(toy)
  is(m.alive(), 0, "dropped")
  meta.__gc(toy)
  is(m.alive(), 0, "dropped once")
  raised("dead", "calling 'getfd' on bad self (toy{any} expected)", function() toy:getfd() end)
  is(tostring(toy):match("^[^:]*"), "toy{open}", "the dead have names")
  meta.__gc()
  meta.__gc(io.stdout)
  toy = m.toy(true)
  meta.__close(toy)
  is(getmetatable(toy) ~= nil and toy:getfd(), -2, "__close")
  -- A resurrected object.
  local saved
  if not newproxy then
    setmetatable({ toy = toy }, { __gc = function(t) saved = t.toy end })
    toy = nil
    collect()
    is(saved == nil or type(saved) == "userdata", true, "resurrected")
    if saved then
      pcall(saved.getfd, saved)
    end
    saved = nil
  end
  toy = nil
  collect()
  is(m.alive(), 0, "all gone")
end
do -- A finaliser of ours that runs while its own object is in use cannot free it.
  local toy = m.toy(true)
  is(toy:poke(function() getmetatable(toy).__gc(toy); return "still there" end), "still there", "gc while busy")
  is(toy:getfd() > 0, true, "alive after gc while busy")
end

-- Panics ------------------------------------------------------------------------------------------
local toy = m.toy(true)
raised("panic", "moonsocket: internal error in 'panic': it said boo", function() toy:panic("boo") end)
is(select(2, pcall(function() toy:panic("bounds") end)):match("^moonsocket: internal error in 'panic': index out") ~= nil,
  true, "panic in the library")
is(#select(2, pcall(function() toy:panic(("x"):rep(9000)) end)) < 700, true, "long panic")
is(toy:getfd(), -1, "usable after a panic")

-- Calling back --------------------------------------------------------------------------------------
are("call", list(true, 1, nil, 3), m.protect(function(...) return ... end, 1, nil, 3))
is(select("#", m.protect(function() end)), 1, "no results")
local err = setmetatable({}, { __tostring = function() return "an error object" end })
are("fault", list(false, err, "an error object"), m.protect(error, err))
are("fault by string", list(false, "plain", "plain"), m.protect(error, "plain", 0))
is(select("#", m.protect(function() return unpack({}, 1, 200) end)), 201, "many results")
local t, name, length = m.build()
is(t.answer, 42, "set")
is(t.more, 43, "chunk")
is(t[1], "closed", "word")
is(t[2], "inserted", "table.insert")
is((t.number(2)), 2, "function")
is(name, "chunk", "second result")
is(length, 2, "raw length")

-- Fibers ------------------------------------------------------------------------------------------
raised("no fiber", "not in a fiber", function() toy:wait() end)
raised("no fiber in a coroutine", "not in a fiber", coroutine.wrap(function() toy:wait() end))
local log = m.fibers(
  function(i)
    local a, b, c = toy:wait("some " .. "text")
    local d = toy:wait()
    return table.concat({ i, type(a), tostring(b), c:sub(1, 6), type(d) }, " ")
  end,
  function() toy:wait(); error("failed in a fiber") end,
  function() end,
  function() toy:wait(); return select("#", toy:wait()) end
)
local function rank(line)
  line = tostring(line)
  return line == "3" and 1 or line:match("failed") and 2 or line:match("^0 ") and 3 or 4
end
table.sort(log, function(a, b) return rank(a) < rank(b) end)
is(#log, 4, "fibers")
is(log[3], "0 number timeout answer number", "fiber")
is(tostring(log[1]), "3", "results of a wait")
is(tostring(log[2]):match("failed in a fiber\nstack traceback:") ~= nil, true, "failure: " .. tostring(log[3]))
is(log[4], true, "fiber without a wait")
raised("still no fiber", "not in a fiber", function() toy:wait() end)
if not is51 then
  log = m.fibers(function() return (select(3, pcall(function() return toy:wait() end))) end)
  is(log[1], "timeout", "yield across pcall")
end
-- Makers and shortcuts -------------------------------------------------------------------------------
local toys, child = { m.toy(), m.toy() }, m.born("whatever", {})
is(tostring(child), "number " .. m.alive(), "made from the state")
for i = 1, 300 do toys[i] = m.toy() end
raised("maker's panic", "moonsocket: internal error in 'born': few toys: TryFromIntError(())", function() m.born() end)
toys = nil
child.number = 8
are("shortcut", list(4), child:half({}, 1))
are("address", list("127.0.0.8", 4, "inet"), child:place())
child.number = 9
are("method behind a shortcut", list(6.5, "odd"), child:place(2))
raised("its arguments", "bad argument #1 to 'half' (number expected, got table)", function() child:half({}) end)
child.number = 13
raised("shortcut's panic", "moonsocket: internal error in 'half': unlucky", function() child:half() end)
raised("shortcut on another", "bad argument #1 to '?' (other expected)", function()
  error((select(2, pcall(child.half, toy)):gsub("'half'", "'?'")), 0)
end)

-- Properties and metamethods -------------------------------------------------------------------------
local box = m.other()
is(box.number, 7, "property")
box.number = 12
is(box.number, 12, "property that was set")
is(box.fixed, 12, "property of the same value")
is(box:twice(), 12, "method beside properties")
is(box.class, "other", "class beside properties")
is(box.nothing, nil, "no such property")
is(box[1], nil, "no name")
is(tostring(box), "number 12", "__tostring of its own")
is(box == m.other(), false, "unequal")
box.number = 7
is(box == m.other(), true, "equal by __eq")
raised("set what is fixed", "property 'fixed' is read-only", function() box.fixed = 1 end)
raised("set a method", "there is no such property", function() box.twice = 1 end)
raised("set by number", "there is no such property", function() box[1] = 1 end)
raised("read what is write-only", "property 'secret' is write-only", function() return box.secret end)
raised("a setter's own words", "number: a number expected", function() box.number = {} end)
raised("another's getter", "bad argument #1 to '?' (other expected)", function()
  local index = getmetatable(box).__index
  local ok, message = pcall(index, toy, "number")
  error((message:gsub("to '.-'", "to '?'")), 0)
end)
box.secret = 9
is(box.number, 9, "set by another name")

-- The end ---------------------------------------------------------------------------------------------
toy = nil
collect()
is(m.alive(), 0, "all toys are gone")
toy = m.toy(true) -- one for lua_close
local other = m.other()
io.write(string.format("%s: %d passed, %d failed\n", jit and jit.version or _VERSION, passed, failed))
if failed > 0 then
  os.exit(1)
end
