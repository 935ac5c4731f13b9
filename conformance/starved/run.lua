-- Lets Lua's memory end at each allocation of each scene, one after the other: whatever comes of it, the process lives, the
-- same works again once there is memory, and nothing is left.
--
--   LUA_CPATH="DIR/?.so" LUA_PATH="DIR/?.lua" lua5.4 conformance/starved/run.lua [--every N] [--scene S] [--first N] [--trace]
--
-- where DIR has a module build with the feature `selftest`.
local selftest = require("moonsocket_selftest")

local here = arg[0]:match("^(.*)/[^/]*$") or "."
local scenes = { "load", "luasocket", "nixio", "osn", "sgssockets", "emilua", "fibers", "http" }

-- Loading takes thousands of allocations, which are all alike.
local coarse = { load = 25 }

-- How many allocations fail, and whether the state is closed while they still do. Newer Luas collect garbage and ask once
-- more: there one failure makes a collection, two an error.
local forever = 2 ^ 53
local famines = {
  { "once", 1 }, { "twice", 2 }, { "from there on", forever }, { "to the end", forever, true },
}

local options = { every = 1, first = 1 }
do
  local i = 1
  while arg[i] do
    local name = arg[i]:match("^%-%-(%l+)$")
    if name == "trace" then
      options.trace = true
    else
      i = i + 1
      options[name] = tonumber(arg[i]) or arg[i]
    end
    i = i + 1
  end
end

-- LuaJIT stitches no traces there: until August 2026 it crashes when memory ends while it does (its issues 1166 and 1502).
local BOOT = [[
local here, name = %q, %q
if jit then jit.opt.start("minstitch=65535") end
local stage = dofile(here .. "/stage.lua")
local scene = assert(loadfile(here .. "/scenes/" .. name .. ".lua"))(stage)
return function() stage.play(scene) end, function() stage.again(scene) end
]]

local passed, failed = 0, 0

local function fail(...)
  failed = failed + 1
  if failed <= 40 then print("FAIL", ...) end
end

local function settle(bytes, descriptors)
  collectgarbage()
  collectgarbage()
  return selftest.held(bytes, descriptors)
end

-- One state that starves: how often it asked for memory, its error, that of what it did afterwards, and what it left.
local function starve(source, ...)
  local bytes, descriptors = settle()
  local asked, err, after, lost = selftest.starve(source, ...)
  local bytes_after, descriptors_after = settle(bytes, descriptors)
  local left
  if lost then return asked, err, after end
  if descriptors_after > descriptors then left = descriptors_after - descriptors .. " descriptors" end
  if bytes_after > bytes then left = (left and left .. ", " or "") .. bytes_after - bytes .. " bytes of Rust's" end
  return asked, err, after, left
end

local function try(name, source, famine, at)
  local kind, length, fatal = famine[1], famine[2], famine[3]
  if options.trace then io.stderr:write(name, " ", kind, " ", at, "\n") end
  local before = failed
  local asked, err, after, left = starve(source, at, length, fatal)
  -- What a process has once, such as a thread that looks names up, it may have from here on. A leak is one each time.
  for _ = 1, 4 do
    if not left then break end
    left = select(4, starve(source, at, length, fatal))
  end
  local where = name .. ", memory ends " .. kind .. " at " .. at .. " of " .. asked
  if err and not err:find("not enough memory", 1, true) then fail(where, err) end
  if after then fail(where, "afterwards: " .. after) end
  if left then fail(where, "left: " .. left) end
  if failed == before then passed = passed + 1 end
  return asked
end

for _, name in ipairs(scenes) do
  if not options.scene or options.scene == name then
    local source = BOOT:format(here, name)
    for _ = 1, 2 do
      local _, err, after = selftest.starve(source, forever, 1, false)
      if err or after then error(name .. ": " .. tostring(err or after), 0) end
    end
    for _, famine in ipairs(famines) do
      -- Until there was enough: how much that is depends on what fails.
      local every = options.every * (coarse[name] or 1)
      local at, asked = options.first, nil
      repeat
        asked = try(name, source, famine, at)
        at = at + every
      until asked < at - every or options.last and at > options.last
      if options.verbose then print(name, famine[1], asked, os.clock()) end
    end
  end
end

print((rawget(_G, "jit") and "LuaJIT" or _VERSION) .. ": " .. passed .. " passed, " .. failed .. " failed")
os.exit(failed == 0 and passed > 0 and 0 or 1)
