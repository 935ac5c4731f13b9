-- An hour's worth of mixed traffic in minutes, and all that goes wrong in an hour. `cargo xtask soak` runs it.
--
--   INTERP conformance/soak/soak.lua [--seconds N] [--only PHASE] [--seed N]
--
-- N seconds (20) are for the traffic; the numbers of the other phases follow them. The last line is
-- "N passed, N failed, N skipped".

io.stdout:setvbuf("line")

local here = arg[0]:match("^(.*)/[^/]*$") or "."
local options = { seconds = 20, seed = os.time(), large = 200000 }
local child
do
  local i = 1
  while arg[i] do
    local name = arg[i]:match("^%-%-(%a+)$")
    if name == "child" then
      child = { (table.unpack or unpack)(arg, i + 1) }
      break
    end
    i = i + 1
    options[name or error("what is " .. arg[i - 1] .. "?")] = tonumber(arg[i]) or arg[i]
    i = i + 1
  end
end

math.randomseed(options.seed)
local moonsocket = require("moonsocket")
local soak = {
  moonsocket = moonsocket, large = options.large, measure = dofile(here .. "/measure.lua"),
  traffic = dofile(here .. "/traffic.lua")(here .. "/../simulated", moonsocket),
}

if child then
  local children = dofile(here .. "/children.lua")(soak)
  local said = children[child[1]]((table.unpack or unpack)(child, 2))
  if said then print("fine: " .. said) end
  os.exit(0, true)
end

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function command(words)
  local lowest, parts = 0, {}
  while arg[lowest - 1] do lowest = lowest - 1 end
  for i = lowest, 0 do parts[#parts + 1] = quote(arg[i]) end
  return table.concat(parts, " ") .. " --child " .. words
end

--- Starts another process, and lets it run.
function soak.start(words) assert(os.execute(command(words) .. " &")) end

--- Runs another process to its end, below a limit; what it says.
function soak.child(setup, words)
  local pipe = assert(io.popen(setup .. "; " .. command(words) .. " 2>&1; echo code $?"))
  local text = pipe:read("*a")
  pipe:close()
  return text:match("fine: ([^\n]*)\ncode 0\n$") or error(text:sub(-3000), 0)
end

local phases = dofile(here .. "/phases.lua")(soak)
local counts = { passed = 0, failed = 0, skipped = 0 }
for _, name in ipairs({ "mixed", "dropped", "descriptors", "memory", "killed", "flood", "fork" }) do
  if not options.only or options.only == name then
    local began = require("socket").gettime()
    local function phase() return phases[name](options.seconds, math.min(1, options.seconds / 60)) end
    local ok, said, why = xpcall(phase, function(err)
      return type(err) == "string" and debug.traceback(err, 2) or err
    end)
    local word = not ok and "failed" or said and "passed" or "skipped"
    counts[word] = counts[word] + 1
    print(("%-12s %-8s %6.1f s  %s"):format(name, word, require("socket").gettime() - began, tostring(said or why)))
  end
end
print(("%d passed, %d failed, %d skipped"):format(counts.passed, counts.failed, counts.skipped))
os.exit(counts.failed == 0 and 0 or 1, true)
