-- Runs the cases of one dialect in this interpreter.
--
--   INTERP conformance/lua/run.lua [--dialect luasocket] [--filter SUBSTR]
--     [--oracle [--half NAME]] [--list] [--expect-backend NAME] [--expect-lua VERSION]
--     [--observe FILE | --sabotage FILE --fault NUMBER]
--
-- --oracle says that the library under test is the original: the cases named in
-- the dialect's oracle.lua must then fail, all others pass. With --half only one
-- half of it is the original, and oracle_NAME.lua names the cases. The expectations
-- make the run fail unless it is moonsocket, built for this backend and Lua.
-- --observe writes down what of the dialect can be broken; with --sabotage one of
-- these things is, and the first case that fails ends the run (sabotage/init.lua).
-- The last line is always "N passed, N failed, N skipped".

io.stdout:setvbuf("line")

local dir = arg[0]:match("^(.*)[/\\]") or "."

local function usage(text)
  io.stderr:write("run.lua: ", text, "\n")
  os.exit(2)
end

local function parse(words)
  local options = { dialect = "luasocket" }
  local takes = {
    dialect = true, filter = true, half = true, ["expect-backend"] = true, ["expect-lua"] = true, observe = true,
    sabotage = true, fault = true,
  }
  local flags = { oracle = true, list = true }
  local i = 1
  while i <= #words do
    local name = words[i]:match("^%-%-(.+)$")
    if flags[name] then
      options[name] = true
    elseif takes[name] then
      i = i + 1
      options[name] = words[i] or usage("--" .. name .. " needs a value")
    else
      usage("unknown argument " .. words[i])
    end
    i = i + 1
  end
  return options
end

-- Read before anything is loaded: a library may not change it behind our back.
local function ignored_signals()
  local file = io.open("/proc/self/status", "r")
  if not file then return nil end
  local mask = file:read("*a"):match("SigIgn:%s*(%x+)")
  file:close()
  return mask
end

local options = parse(arg)
local t = dofile(dir .. "/harness.lua")
t.dir = dir
dofile(dir .. "/processes.lua")(t)
t.ignored_signals = ignored_signals
t.ignored_at_start = ignored_signals()

local counts = { passed = 0, failed = 0, skipped = 0 }
local failures = {}

local function pass(name)
  counts.passed = counts.passed + 1
  print("ok    " .. name)
end

local function skip(name, reason)
  counts.skipped = counts.skipped + 1
  print("skip  " .. name .. " (" .. reason .. ")")
end

local function fail(name, why)
  counts.failed = counts.failed + 1
  failures[#failures + 1] = { name = name, why = tostring(why) }
  print("FAIL  " .. name)
end

local function check_build(field, want)
  local name = "runner: moonsocket." .. field .. " is " .. want
  local ok, module = pcall(require, "moonsocket")
  if not ok then
    fail(name, module)
  elseif module[field] ~= want then
    fail(name, "it is " .. t.show(module[field]))
  else
    pass(name)
  end
end

local function load_suite(folder)
  local support = dofile(folder .. "/support.lua")(t)
  for _, file in ipairs(dofile(folder .. "/suite.lua")) do
    t.begin_file(file)
    local chunk = assert(loadfile(folder .. "/" .. file .. ".lua"))
    chunk(t, support)
  end
end

local function load_exceptions(folder)
  if not options.oracle then return {} end
  local file = options.half and "/oracle_" .. options.half .. ".lua" or "/oracle.lua"
  local exceptions = dofile(folder .. file)
  for name in pairs(exceptions) do
    if not t.cases[name] then fail("stale exception: " .. name, "there is no such case") end
  end
  return exceptions
end

local function traced(err)
  if type(err) == "table" then return err end
  return debug.traceback(tostring(err), 2)
end

-- Runs a case; its leftovers are collected before the next one begins.
local function attempt(case)
  local ok, err = xpcall(case.body, traced)
  t.collect()
  local leftover = t.cleanup()
  if ok and leftover then return false, leftover end
  return ok, err
end

local function run_case(case, exception)
  local ok, err = attempt(case)
  local reason = not ok and t.skip_reason(err)
  if reason then
    skip(case.name, reason)
  elseif exception and ok then
    fail(case.name, "stale exception, it passes on the original: " .. exception)
  elseif exception then
    skip(case.name, "differs from the original: " .. exception)
  elseif ok then
    pass(case.name)
  else
    fail(case.name, err)
  end
end

local function check_descriptors(topic, before, before_reactor)
  local name = topic .. ": leaves no descriptor open"
  local left = t.left_open(before)
  local _, after_reactor, list = t.descriptors()
  if left then
    fail(name, left)
  elseif after_reactor > before_reactor + 4 then
    fail(name, "reactor descriptors pile up:\n" .. list)
  else
    pass(name)
  end
end

-- The case that runs now.
local running

local function run_all(exceptions)
  local ran, topic = 0, nil
  local before, reactor
  for _, case in ipairs(t.cases) do
    if not options.filter or case.name:find(options.filter, 1, true) then
      if case.topic ~= topic then
        if topic then check_descriptors(topic, before, reactor) end
        topic = case.topic
        before, reactor = t.descriptors()
      end
      running = case
      run_case(case, exceptions[case.name])
      running = nil
      ran = ran + 1
    end
  end
  if topic then check_descriptors(topic, before, reactor) end
  return ran
end

-- Runs the cases that would feel the fault, until one does. Whoever reads a constant is not seen.
local function run_sabotaged(entry)
  local felt = {}
  for _, name in ipairs(entry.cases) do felt[name] = true end
  for _, case in ipairs(t.cases) do
    if felt[case.name] or entry.what == "constant" then run_case(case) end
    if counts.failed > 0 then return end
  end
end

-- What can be broken, a line for each, and why that may go unnoticed.
local function print_faults(list, excused)
  local known = {}
  for _, entry in ipairs(list) do
    known[entry.id] = true
    print("fault\t" .. entry.id .. "\t" .. (excused[entry.id] or ""))
  end
  for id in pairs(excused) do
    if not known[id] then fail("stale excuse: " .. id, "it cannot be broken") end
  end
end

local function main()
  local folder = dir .. "/" .. options.dialect
  local sabotage = (options.observe or options.sabotage) and assert(loadfile(dir .. "/sabotage/init.lua"))(dir)
  local entry = options.sabotage and sabotage.commit(folder, options.sabotage, tonumber(options.fault))
  local observed = options.observe and sabotage.observe(folder, options.observe, function() return running end)
  load_suite(folder)
  if options.list then
    for _, case in ipairs(t.cases) do print(case.name) end
    return
  end
  if options["expect-backend"] then check_build("_BACKEND", options["expect-backend"]) end
  if options["expect-lua"] then check_build("_LUA", options["expect-lua"]) end
  local ran = entry and (run_sabotaged(entry) or 1) or run_all(load_exceptions(folder))
  if observed then print_faults(observed()) end
  if ran == 0 then fail("runner: some case runs", "no case ran") end
  for _, failure in ipairs(failures) do
    print("\nFAIL  " .. failure.name .. "\n" .. failure.why)
  end
  if #failures > 0 then print("") end
  print(string.format("%d passed, %d failed, %d skipped", counts.passed, counts.failed, counts.skipped))
end

local ok, err = xpcall(main, traced)
if not ok then
  print("the runner itself failed: " .. tostring(err))
  print(string.format("%d passed, %d failed, %d skipped", counts.passed, counts.failed + 1, counts.skipped))
end
os.exit((ok and counts.failed == 0) and 0 or 1, true)
