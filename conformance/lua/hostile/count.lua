-- What a process holds: its descriptors, without those of reactors, which are made once.

local count = {}

--- The list.
function count.list()
  local file = io.open("/proc/self/stat")
  local pid = file:read("*l"):match("^%d+")
  file:close()
  local pipe = io.popen("ls -l /proc/" .. pid .. "/fd 2>/dev/null | grep -v anon_inode")
  local list = pipe:read("*a")
  pipe:close()
  return list
end

--- How many.
function count.descriptors()
  return (select(2, count.list():gsub("\n", "\n")))
end

--- The same when there are no more than `before`, or after five seconds.
function count.settled(before, sleep)
  local after = count.descriptors()
  for _ = 1, 100 do
    -- A lookup that was given up may still have its files open.
    if after <= before then break end
    sleep(0.05)
    after = count.descriptors()
  end
  return after
end

--- Collects all garbage. Compiled traces of LuaJIT hold on to objects.
function count.collect()
  if rawget(_G, "jit") then require("jit").flush() end
  for _ = 1, 3 do collectgarbage() end
end

return count
