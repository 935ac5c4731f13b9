-- Two copies of the module's file in one process.

local t, s = ...
local socket = s.socket

-- The file that this module came from; none where it is built in.
local function file()
  for line in io.lines("/proc/self/maps") do
    local path = line:match("(/%S*moonsocket[^/]*%.so)$") or line:match("(/%S*core%.so)$")
    if path then return path end
  end
  t.skip("the module is no file here")
end

local function second()
  local copy = t.scratch()
  os.execute("cp " .. t.quote(file()) .. " " .. t.quote(copy))
  local open = t.ok(package.loadlib(copy, "luaopen_socket_core"))
  return open("socket.core"), package.loadlib(copy, "luaopen_moonsocket")
end

t.case("both work, side by side", function()
  local other = second()
  local server, port = s.listener()
  local theirs = other.tcp()
  theirs:settimeout(5)
  t.gives(1)(theirs:connect("127.0.0.1", port))
  local ours = t.ok(server:accept())
  t.gives(4, nil, nil)(theirs:send("one\n"))
  t.gives("one", nil, nil)(ours:receive())
  t.collect()
  t.gives(4, nil, nil)(ours:send("two\n"))
  t.gives("two", nil, nil)(theirs:receive())
end)

t.case("each refuses the other's objects", function()
  local other = second()
  local ours, theirs = socket.tcp4(), other.tcp4()
  t.equal((pcall(getmetatable(ours).__index.getfd, theirs)), false)
  t.equal((pcall(getmetatable(theirs).__index.getfd, ours)), false)
  -- select takes anything with getfd.
  local _, writable = socket.select(nil, { theirs }, 0)
  t.equal(type(writable), "table")
end)

t.case("fibers of both", function()
  -- Each has a reactor, which lasts as long as its process.
  local copy = t.scratch()
  os.execute("cp " .. t.quote(file()) .. " " .. t.quote(copy))
  local peer = t.peer([[
    local copy = ...
    local socket = require("socket")
    local other = package.loadlib(copy, "luaopen_socket_core")("socket.core")
    local module = package.loadlib(copy, "luaopen_moonsocket")("moonsocket")
    local ours = require("moonsocket")
    for _, m in ipairs({ module, ours }) do
      for _ = 1, 2 do
        m.spawn(function()
          socket.sleep(0.001)
          other.sleep(0.001)
          say("slept in both")
        end)
      end
      say("run", m.run())
    end
  ]], copy)
  for _ = 1, 2 do
    t.equal(peer:line(), "slept in both")
    t.equal(peer:line(), "slept in both")
    t.equal(peer:line(), "run true")
  end
end)
