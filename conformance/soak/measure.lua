-- What this process holds, from /proc: descriptors, threads, resident memory.

local measure = {}

local function status(name)
  local file = assert(io.open("/proc/self/status"))
  local text = file:read("*a")
  file:close()
  return tonumber(text:match(name .. ":%s*(%d+)"))
end

local own = dofile(debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/../lua/own.lua")

measure.pid = own.pid

--- After all garbage is collected, and what a call let go of went with the next one.
function measure.now(moonsocket)
  if rawget(_G, "jit") then require("jit").flush() end
  for _ = 1, 3 do
    collectgarbage()
    moonsocket.run()
  end
  local plain, reactor = own.descriptors()
  return { descriptors = plain + reactor, threads = status("Threads"), kilobytes = status("VmRSS") }
end

function measure.text(it)
  return ("%d descriptors, %d threads, %.1f MB"):format(it.descriptors, it.threads, it.kilobytes / 1024)
end

--- Nothing has grown since `before`; memory by a tenth and 3 MB at most, which the C library keeps for itself, and by
-- as many bytes as are told.
function measure.flat(before, after, bytes)
  return after.descriptors <= before.descriptors and after.threads <= before.threads
    and after.kilobytes <= before.kilobytes * 1.1 + 3072 + (bytes or 0) / 1024
end

return measure
