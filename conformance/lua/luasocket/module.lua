-- What `require` gives: names, constants, and nothing global.

local t, s = ...
local socket = s.socket

t.case("require gives socket.core's own table", function()
  t.equal(require("socket.core"), socket)
  t.equal(require("socket"), socket)
end)

local functions = {
  "skip", "__unload", "newtry", "protect", "gettime", "sleep", "tcp", "tcp4", "tcp6", "connect",
  "udp", "udp4", "udp6", "select", "connect4", "connect6", "bind", "try", "choose", "source", "sink",
}

t.case("every function is there", function()
  for _, name in ipairs(functions) do t.equal(type(socket[name]), "function", name) end
end)

t.case("dns has its five functions", function()
  for _, name in ipairs({ "toip", "tohostname", "getaddrinfo", "getnameinfo", "gethostname" }) do
    t.equal(type(socket.dns[name]), "function", name)
  end
end)

t.case("constants", function()
  t.equal(socket.BLOCKSIZE, 2048)
  t.equal(socket._SETSIZE, 1024)
  t.equal(socket._SOCKETINVALID, -1)
  t.equal(socket._DATAGRAMSIZE, 8192)
end)

t.case("constants print without a fraction", function()
  t.equal(tostring(socket._SETSIZE), "1024")
  t.equal(tostring(socket._SOCKETINVALID), "-1")
  t.equal(tostring(socket._DATAGRAMSIZE), "8192")
end)

t.case("_VERSION names LuaSocket", function()
  t.equal(type(socket._VERSION), "string")
  t.ok(socket._VERSION:find("^LuaSocket %d+%.%d+"), socket._VERSION)
end)

t.case("_VERSION starts with 3.1.0 and names moonsocket", function()
  t.equal(socket._VERSION:sub(1, 15), "LuaSocket 3.1.0")
  t.ok(socket._VERSION:find("moonsocket", 16, true), socket._VERSION)
end)

t.case("_DEBUG is nil", function() t.equal(socket._DEBUG, nil) end)

t.case("sinks and sources are listed by name", function()
  for _, name in ipairs({ "close-when-done", "keep-open", "default" }) do
    t.equal(type(socket.sinkt[name]), "function", name)
  end
  for _, name in ipairs({ "by-length", "until-closed", "default" }) do
    t.equal(type(socket.sourcet[name]), "function", name)
  end
  t.equal(socket.sinkt.default, socket.sinkt["keep-open"])
  t.equal(socket.sourcet.default, socket.sourcet["until-closed"])
end)

t.case("the table is plain and can be written to", function()
  t.equal(type(socket), "table")
  t.equal(getmetatable(socket), nil)
  local original = socket.newtry
  socket.newtry = "mine"
  t.equal(require("socket").newtry, "mine")
  socket.newtry = original
end)

t.case("__unload does nothing", function()
  t.results(0, socket.__unload())
  local c = socket.tcp4()
  t.equal(c:close(), 1)
end)

t.case("loading makes no globals", function()
  local peer = t.peer([[
    local before = {}
    for k in pairs(_G) do before[k] = true end
    require("socket")
    for k in pairs(_G) do if not before[k] then say("global", k) end end
    say("done")
  ]])
  t.equal(peer:line(), "done")
end)

t.case("socket.core loads without socket.lua", function()
  local peer = t.peer([[
    local core = require("socket.core")
    say(type(core), type(core.tcp), type(core.bind), package.loaded.socket == nil)
  ]])
  t.equal(peer:line(), "table function nil true")
end)

t.case("loading the module leaves SIGPIPE alone", function()
  if not t.ignored_at_start then t.skip("no /proc/self/status") end
  local sigpipe = 13
  local function ignores(mask)
    local low = tonumber(mask:sub(-4), 16)
    return math.floor(low / 2 ^ (sigpipe - 1)) % 2 == 1
  end
  if ignores(t.ignored_at_start) then t.skip("SIGPIPE was ignored before") end
  t.equal(ignores(t.ignored_signals()), false)
end)

t.case("creation functions ignore arguments", function()
  t.equal(socket.tcp(1, "x", {}).class, "tcp{master}")
  t.equal(socket.tcp4(false).class, "tcp{master}")
end)
