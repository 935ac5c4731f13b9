-- What a process holds: its descriptors, without those of reactors, which are made once.

local count = {}

local own = dofile(debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/../own.lua")

--- The list.
function count.list() return (select(3, own.descriptors())) end

--- How many.
function count.descriptors() return (own.descriptors()) end

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
