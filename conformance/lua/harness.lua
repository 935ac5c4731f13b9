-- What every dialect's cases are written with: registration, assertions that
-- say what they saw, and elapsed time; processes.lua adds the rest. Knows no
-- dialect. Runs on Lua 5.1 to 5.5 and LuaJIT, so it uses none of their extras.

local t = {}

local unpack = table.unpack or unpack

-- Set by the runner: the folder of this file, the clock that `elapsed` reads.
t.dir = "."
t.clock = os.time

t.lua = rawget(_G, "jit") and "jit" or _VERSION:match("%d+%.%d+")

--- Is this interpreter at least PUC Lua `major.minor`? (LuaJIT counts as 5.1.)
function t.at_least(version)
  local mine = t.lua == "jit" and "5.1" or t.lua
  return mine >= version
end

-- Registration ---------------------------------------------------------------

t.cases = {}
local topic = "?"

function t.begin_file(name) topic = name end

--- Registers one case. Its full name, "topic: title", is its key everywhere.
function t.case(title, body)
  local name = topic .. ": " .. title
  assert(not t.cases[name], "two cases are called " .. name)
  t.cases[name] = true
  t.cases[#t.cases + 1] = { name = name, topic = topic, body = body }
end

--- Registers a case once for each value; `label(value)` tells them apart.
function t.case_for(values, title, body)
  for _, value in ipairs(values) do
    t.case(title .. " (" .. tostring(value) .. ")", function()
      if value == "::1" then t.needs_v6() end
      body(value)
    end)
  end
end

local Skip = {}

--- Ends the running case as skipped; the reason is printed.
function t.skip(reason) error(setmetatable({ reason = reason }, Skip), 0) end

--- Ends the running case as skipped where the loopback has no IPv6, as in many containers.
function t.needs_v6()
  local addresses = io.open("/proc/net/if_inet6")
  local known = addresses and addresses:read("*a") or ""
  if addresses then addresses:close() end
  if not ("\n" .. known):find("\n" .. ("0"):rep(31) .. "1 ") then t.skip("no IPv6 loopback here") end
end

function t.skip_reason(err)
  return type(err) == "table" and getmetatable(err) == Skip and err.reason or nil
end

-- Rendering ------------------------------------------------------------------

function t.show(v)
  if type(v) ~= "string" then return tostring(v) end
  local cut = #v > 100 and v:sub(1, 100) or v
  cut = cut:gsub("[%c\127-\255\\\"]", function(ch)
    local names = { ["\n"] = "\\n", ["\r"] = "\\r", ["\\"] = "\\\\", ['"'] = '\\"' }
    return names[ch] or string.format("\\%03d", ch:byte())
  end)
  cut = '"' .. cut .. '"'
  return #v > 100 and cut .. "... of " .. #v .. " bytes" or cut
end

local function typed(v)
  local kind = type(v)
  if kind == "nil" or kind == "boolean" then return tostring(v) end
  return kind .. " " .. t.show(v)
end

local function listed(values)
  local out = {}
  for i = 1, values.n do out[i] = t.show(values[i]) end
  return "(" .. table.concat(out, ", ") .. ")"
end

local function difference(got, want)
  local text = "expected " .. typed(want) .. ", got " .. typed(got)
  if type(got) == "string" and type(want) == "string" and #want > 20 then
    local at = 1
    while at <= #got and got:byte(at) == want:byte(at) do at = at + 1 end
    text = text .. string.format("; first difference at byte %d: expected %s, got %s", at,
      t.show(want:sub(at, at + 15)), t.show(got:sub(at, at + 15)))
  end
  return text
end

-- Assertions -----------------------------------------------------------------

function t.pack(...) return { n = select("#", ...), ... } end

function t.fail(text, level) error(text, (level or 1) + 1) end

--- Same type and equal; numbers compare by value, objects by identity.
function t.equal(got, want, what)
  if type(got) ~= type(want) or got ~= want then
    t.fail((what and what .. ": " or "") .. difference(got, want), 2)
  end
end

function t.differs(got, other, what)
  if got == other then
    t.fail((what and what .. ": " or "") .. "did not expect " .. typed(got), 2)
  end
end

--- True in Lua's sense; returns all its arguments, like assert.
function t.ok(...)
  local v, message = ...
  if not v then t.fail("expected success, got " .. typed(v) .. ", " .. typed(message), 2) end
  return ...
end

--- `results(n, f(...))`: exactly n results came; passes them on.
function t.results(n, ...)
  if select("#", ...) ~= n then
    t.fail("expected " .. n .. " results, got " .. select("#", ...) .. " " .. listed(t.pack(...)), 2)
  end
  return ...
end

--- `gives(a, b)(f(...))`: the results are exactly these, trailing nils included.
function t.gives(...)
  local want = t.pack(...)
  return function(...)
    local got = t.pack(...)
    for i = 1, math.max(want.n, got.n) do
      if type(got[i]) ~= type(want[i]) or got[i] ~= want[i] then
        t.fail("expected results " .. listed(want) .. ", got " .. listed(got)
          .. "; result " .. i .. ": " .. difference(got[i], want[i]), 2)
      end
    end
    if got.n ~= want.n then
      t.fail("expected " .. want.n .. " results " .. listed(want) .. ", got " .. got.n .. " "
        .. listed(got), 2)
    end
  end
end

-- Linux's numbers, as is everything here that looks into /proc.
local ERRNOS = {
  ["already connected"] = 106, ["address already in use"] = 98, ["connection refused"] = 111, ["permission denied"] = 13,
  ["Bad file descriptor"] = 9, ["Cannot assign requested address"] = 99, ["Invalid argument"] = 22,
  ["Message too long"] = 90, ["No such file or directory"] = 2, ["Operation already in progress"] = 114,
  ["Protocol wrong type for socket"] = 91, ["Transport endpoint is not connected"] = 107,
}

-- May this follow the message?
local function is_errno_of(message, code)
  return type(code) == "number" and (ERRNOS[message] or code) == code
end

--- `fails(message, f(...))`: nil and this message, perhaps an errno after them, which then is that of the message.
function t.fails(message, ...)
  local got = t.pack(...)
  local fits = got[1] == nil and got[2] == message
    and (got.n == 2 or got.n == 3 and is_errno_of(message, got[3]))
  if not fits then
    t.fail("expected (nil, " .. t.show(message) .. " [, errno]), got " .. listed(got), 2)
  end
end

--- As `fails`, but the message only has to contain `part`.
function t.fails_like(part, ...)
  local got = t.pack(...)
  local fits = got[1] == nil and type(got[2]) == "string" and got[2]:find(part, 1, true)
    and (got.n == 2 or got.n == 3 and type(got[3]) == "number")
  if not fits then
    t.fail("expected (nil, ..." .. t.show(part) .. "... [, errno]), got " .. listed(got), 2)
  end
end

local function raised(body, level)
  local got = t.pack(pcall(body))
  if got[1] then
    table.remove(got, 1)
    got.n = got.n - 1
    t.fail("expected an error, got results " .. listed(got), level + 1)
  end
  return got[2]
end

--- The call raises a string that, without its position, is exactly `text`.
function t.raises(body, text)
  local err = raised(body, 2)
  if type(err) ~= "string" then t.fail("expected a string error, got " .. typed(err), 2) end
  local bare = err:gsub("^[^\n]-:%d+: ", "")
  if bare ~= text then t.fail("expected the error " .. t.show(text) .. ", got " .. t.show(err), 2) end
end

--- The call raises a string that contains `part` (for texts that differ by Lua version).
function t.raises_like(body, part)
  local err = raised(body, 2)
  if type(err) ~= "string" or not err:find(part, 1, true) then
    t.fail("expected an error with " .. t.show(part) .. ", got " .. typed(err), 2)
  end
end

--- The call raises; returns whatever it raised.
function t.raised(body) return raised(body, 2) end

function t.near(value, low, high, what)
  if type(value) ~= "number" or not (value >= low and value <= high) then
    t.fail((what or "value") .. ": expected " .. low .. " to " .. high .. ", got " .. typed(value), 2)
  end
end

--- n bytes with every byte value in them, the same on each call, hard to shift unnoticed.
function t.noise(n)
  local out, x = {}, 12345
  for i = 1, math.min(n, 16411) do
    x = (x * 16807) % 2147483647
    out[i] = string.char(math.floor(x / 256) % 256)
  end
  local block = table.concat(out)
  if #block == n then return block end
  return block:rep(math.ceil(n / #block)):sub(1, n)
end

--- Calls `body`; returns the seconds it took, then its results.
function t.elapsed(body)
  local start = t.clock()
  local got = t.pack(body())
  return t.clock() - start, unpack(got, 1, got.n)
end

return t
