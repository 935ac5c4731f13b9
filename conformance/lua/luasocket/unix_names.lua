-- Unix stream sockets: names, and what binding, listening and connecting come to.

local t, s = ...
local unix = require("socket.unix")

--- A path that nothing stands on; what a case leaves there is removed after it.
local path = t.path

local function listener(backlog)
  local name = path()
  local server = unix.stream()
  assert(server:bind(name))
  assert(server:listen(backlog))
  server:settimeout(s.patience)
  return server, name
end

t.case("getsockname is the path", function()
  local server, name = listener()
  t.gives(name)(server:getsockname())
  local client = unix.stream()
  t.gives("")(client:getsockname())
  client:connect(name)
  t.gives("")(client:getsockname())
  t.gives(name)(server:accept():getsockname())
end)

t.case("nobody there", function()
  t.fails("No such file or directory", unix.stream():connect(path()))
  local name = path()
  local u = unix.stream()
  u:bind(name)
  t.fails("connection refused", unix.stream():connect(name))
  t.fails("Invalid argument", unix.stream():connect(""))
end)

t.case("the wrong type of socket", function()
  local name = path()
  local d = unix.dgram()
  assert(d:bind(name))
  t.fails("Protocol wrong type for socket", unix.stream():connect(name))
end)

t.case("paths of 107 bytes fit, longer ones do not", function()
  local folder = t.scratch()
  os.remove(folder)
  local fits = folder .. ("x"):rep(107 - #folder)
  local server = unix.stream()
  t.gives(1)(server:bind(fits))
  t.gives(fits)(server:getsockname())
  t.gives(1)(server:listen())
  t.gives(1)(unix.stream():connect(fits))
  os.remove(fits)
  for _, length in ipairs({ 108, 200, 5000 }) do
    local u = unix.stream()
    local fd = u:getfd()
    t.gives(nil, "path too long")(u:bind(("x"):rep(length)))
    t.gives(nil, "path too long")(u:connect(("x"):rep(length)))
    t.equal(u:getfd(), fd)
  end
end)

t.case("the path must be a string", function()
  local u = unix.stream()
  t.raises(function() local r = u:bind() return r, 1 end,
    "bad argument #1 to 'bind' (string expected, got no value)")
  t.raises(function() local r = u:connect({}) return r, 1 end,
    "bad argument #1 to 'connect' (string expected, got table)")
end)

t.case("a closed master", function()
  local u = unix.stream()
  u:close()
  t.fails("closed", u:connect(path()))
  t.fails("Bad file descriptor", u:bind(path()))
  t.fails("Bad file descriptor", u:listen())
  t.fails("Bad file descriptor", u:getsockname())
end)

t.case("listening without a name is an error", function()
  t.fails("Invalid argument", unix.stream():listen())
end)

t.case("a failed connect leaves the object usable", function()
  local u = unix.stream()
  local fd = u:getfd()
  t.fails("No such file or directory", u:connect(path()))
  t.equal(u.class, "unixstream{master}")
  t.equal(u:getfd(), fd)
  local server, name = listener()
  t.gives(1)(u:connect(name))
  t.ok(server:accept())
end)

t.case("a failed bind leaves the object usable", function()
  local u = unix.stream()
  t.fails("No such file or directory", u:bind(path() .. "/nowhere/at/all"))
  t.gives(1)(u:bind(path()))
  t.gives(1)(u:listen())
end)

t.case("a full backlog is waited for", function()
  local server, name = listener(0)
  local waiting = {}
  for i = 1, 10 do
    local u = unix.stream()
    u:settimeout(0)
    waiting[i] = u
    local done, err = u:connect(name)
    if not done then
      t.equal(err, "timeout")
      break
    end
  end
  local u = unix.stream()
  u:settimeout(0.1)
  local took, done, err = t.elapsed(function() return u:connect(name) end)
  t.equal(done, nil)
  t.equal(err, "timeout")
  t.near(took, 0.1 - s.slack, 1)
  t.equal(u.class, "unixstream{master}")
  t.ok(server:accept())
  u:settimeout(s.patience)
  t.gives(1)(u:connect(name))
end)

t.case("a limit of more than a second holds for a full backlog", function()
  local server, name = listener(0)
  for _ = 1, 10 do
    local u = unix.stream()
    u:settimeout(0)
    if not u:connect(name) then break end
  end
  local u = unix.stream()
  u:settimeout(1.2)
  local took, done, err = t.elapsed(function() return u:connect(name) end)
  t.equal(done, nil)
  t.equal(err, "timeout")
  t.near(took, 1.2 - s.slack, 2.5)
  server:close()
end)

t.case("abstract names", function()
  local name = "\0moonsocket " .. t.own_pid() .. "\0x"
  local server = unix.stream()
  t.gives(1)(server:bind(name))
  t.gives(1)(server:listen())
  t.gives(name)(server:getsockname())
  local client = unix.stream()
  t.gives(1)(client:connect(name))
  server:settimeout(s.patience)
  local accepted = t.ok(server:accept())
  t.gives(3, nil, nil)(client:send("abc"))
  t.gives("abc", nil, nil)(accepted:receive(3))
  t.fails("address already in use", unix.stream():bind(name))
  t.fails("connection refused", unix.stream():connect(name .. "y"))
end)

t.case("an empty name lets the system choose", function()
  local server = unix.stream()
  t.gives(1)(server:bind(""))
  t.gives(1)(server:listen())
end)

t.case("a name that the system chose is read back", function()
  local server = unix.stream()
  assert(server:bind(""))
  local name = server:getsockname()
  t.equal(name:sub(1, 1), "\0")
  assert(server:listen())
  t.gives(1)(unix.stream():connect(name))
end)

t.case("a NUL inside a path is an error", function()
  local name = path()
  t.fails("Invalid argument", unix.stream():bind(name .. "\0x"))
  t.fails("Invalid argument", unix.stream():connect(name .. "\0x"))
end)

t.case("errno follows the message", function()
  local _, _, code = t.results(3, unix.stream():connect(path()))
  t.equal(code, 2)
end)
