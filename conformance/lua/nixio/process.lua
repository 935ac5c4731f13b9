-- What belongs to a process: signals, exit.

local t, s = ...

t.case("a send to a closed peer does not end the process", function()
  local server, port = s.listener()
  local peer = t.peer([[
    local nixio = require("nixio")
    local c = assert(nixio.connect("127.0.0.1", ...))
    c:recv(1)
    local code
    for _ = 1, 1000 do
      local sent
      sent, code = c:send("x")
      if not sent then break end
      nixio.nanosleep(0, 1000000)
    end
    say(code == 32 or code == 104)
  ]], port)
  t.ok(server:accept()):close()
  t.equal(peer:line(), "true")
end)

t.case("exit with sockets open", function()
  local peer = t.peer([[
    local nixio = require("nixio")
    require("nixio.util")
    local server = assert(nixio.bind("127.0.0.1", 0))
    server:listen(5)
    client = assert(nixio.connect("127.0.0.1", (select(2, server:getsockname()))))
    lines = client:linesource()
    say("ends")
  ]])
  t.equal(peer:line(), "ends")
  t.equal(peer:finish(), "")
end)

t.case("a signal is no reason to give up", function()
  local server, port = s.listener()
  local peer = t.peer([[
    local nixio = require("nixio")
    local pid = io.open("/proc/self/stat"):read("*l"):match("^%d+")
    local c = assert(nixio.connect("127.0.0.1", ...))
    c:send(pid .. "\n")
    say(c:recv(10))
  ]], port)
  local a = t.ok(server:accept())
  local pid = a:linesource()()
  for _ = 1, 5 do
    os.execute("kill -CONT " .. pid)
    s.nixio.nanosleep(0, 5000000)
  end
  a:send("still here")
  t.equal(peer:line(), "still here")
end)
