-- The harness's other half: peer processes, shell commands, scratch files,
-- garbage and descriptors. Adds its functions to the table that it is given.

return function(t)

local own = dofile(t.dir .. "/own.lua")

function t.quote(text) return "'" .. tostring(text):gsub("'", "'\\''") .. "'" end

--- The command that started this interpreter.
function t.interpreter()
  local lowest = 0
  while arg[lowest - 1] do lowest = lowest - 1 end
  return arg[lowest]
end

local scratch, peers = {}, {}

--- A new file's name, with this content; removed when the case is over.
function t.scratch(content)
  local path = os.tmpname()
  scratch[#scratch + 1] = path
  local file = assert(io.open(path, "wb"))
  file:write(content or "")
  file:close()
  return path
end

--- A name that nothing has, for a Unix socket; what has it when the case is over is removed.
function t.path()
  local path = t.scratch()
  os.remove(path)
  return path
end

--- What a shell command prints.
function t.shell(command)
  local pipe = assert(io.popen(command, "r"))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

t.own_pid = own.pid

local Peer = {}
Peer.__index = Peer

--- The next line that the peer said.
function Peer:line()
  local line = self.pipe:read("*l")
  if not line then t.fail("the peer process ended without saying more", 2) end
  if line:find("^PEER ERROR ") then
    t.fail(line .. "\n" .. (self.pipe:read("*a") or ""), 2)
  end
  return line
end

--- Waits for the peer's end; returns what it said since, "" in the normal case.
function Peer:finish()
  if not self.pipe then return "" end
  local rest = self.pipe:read("*a")
  self.pipe:close()
  self.pipe = nil
  if rest:find("PEER ERROR ", 1, true) then t.fail(rest, 2) end
  return rest
end

--- Runs Lua source in a second interpreter, in the background. In it, `say(...)`
--- sends a line to `peer:line()` here; `...` are the further arguments. `setup`
--- is shell text to run first ("ulimit -n 16").
function t.peer_with(setup, source, ...)
  local words = { t.quote(t.interpreter()), t.quote(t.dir .. "/peer.lua"), t.quote(t.scratch(source)) }
  for i = 1, select("#", ...) do words[#words + 1] = t.quote((select(i, ...))) end
  local command = (setup and setup .. "; " or "") .. "exec " .. table.concat(words, " ") .. " 2>&1"
  local peer = setmetatable({ pipe = assert(io.popen(command, "r")) }, Peer)
  peers[#peers + 1] = peer
  return peer
end

function t.peer(source, ...) return t.peer_with(nil, source, ...) end

--- Collects all that is unreachable. Compiled traces of LuaJIT hold on to the
--- objects that they were recorded with, so they go first.
function t.collect()
  if t.lua == "jit" then require("jit").flush() end
  collectgarbage()
  collectgarbage()
end

--- After each case: what it left running or lying about.
function t.cleanup()
  local problem
  for _, peer in ipairs(peers) do
    local ok, err = pcall(peer.finish, peer)
    if not ok then problem = err end
  end
  for _, path in ipairs(scratch) do os.remove(path) end
  peers, scratch = {}, {}
  return problem
end

--- This process's descriptors.
t.descriptors = own.descriptors

--- Says it if more descriptors are open than `before`. A lookup that was given up may still have its files open, and
-- gets time to end.
function t.left_open(before)
  local seen
  for _ = 1, 100 do
    seen = t.pack(t.descriptors())
    if seen[1] <= before then return nil end
    t.shell("sleep 0.05")
  end
  return before .. " descriptors before, " .. seen[1] .. " after:\n" .. seen[3]
end

--- Fails if more descriptors are open than `before`.
function t.no_more_descriptors(before)
  local why = t.left_open(before)
  if why then t.fail(why, 2) end
end

end
