-- socket.serial, on FIFOs: what is written to one can be read from it.

local t, s = ...
local socket = s.socket
local serial = require("socket.serial")

local function fifo()
  local name = t.scratch()
  os.remove(name)
  t.shell("mkfifo " .. t.quote(name))
  local object = t.results(1, serial(name))
  object:settimeout(s.patience)
  return object, name
end

t.case("the module is a function", function()
  t.equal(type(serial), "function")
end)

t.case("the class and its methods", function()
  local c = fifo()
  t.equal(c.class, "serial{client}")
  t.ok(tostring(c):find("^serial{client}: 0x%x+$"), tostring(c))
  t.equal(getmetatable(c)["serial{any}"], true)
  t.ok(c:getfd() >= 0)
  t.equal(c:dirty(), false)
  for _, name in ipairs({ "getsockname", "connect", "setoption", "shutdown" }) do
    t.equal(c[name], nil, name)
  end
end)

t.case("lines and bytes", function()
  local c = fifo()
  t.gives(12, nil, nil)(c:send("hello\nworld\n"))
  t.gives("hello", nil, nil)(c:receive())
  t.gives(true)(c:dirty())
  t.gives("wor", nil, nil)(c:receive(3))
  t.gives("ld", nil, nil)(c:receive("*l"))
  t.gives(false)(c:dirty())
  local received, sent = c:getstats()
  t.equal(received, 12)
  t.equal(sent, 12)
end)

t.case("limits hold", function()
  local c = fifo()
  c:settimeout(0)
  t.gives(nil, "timeout", "")(c:receive())
  for _, limit in ipairs({ 0.1, 1.1 }) do
    c:settimeout(limit)
    local took, _, err = t.elapsed(function() return c:receive() end)
    t.equal(err, "timeout")
    t.near(took, limit - s.slack, limit + 1)
  end
  c:settimeout(0)
  t.equal(s.fill(c) > 0, true)
end)

t.case("waits for what comes later, with or without a limit", function()
  local c, name = fifo()
  for _, limit in ipairs({ 5, -1 }) do
    c:settimeout(limit)
    local peer = t.peer([[
      require("socket").sleep(0.1)
      local file = io.open(..., "w")
      file:write("late\n")
      file:close()
    ]], name)
    t.gives("late", nil, nil)(c:receive())
    peer:finish()
  end
end)

t.case("select sees bytes", function()
  local c = fifo()
  t.equal(#socket.select({ c }, nil, 0), 0)
  c:send("x")
  t.equal(socket.select({ c }, nil, s.patience)[1], c)
end)

t.case("what is not there", function()
  local v, err, code = t.results(3, serial("/nonexistent/device"))
  t.equal(v, nil)
  t.equal(err, "No such file or directory")
  t.equal(code, 2)
  t.raises(function() local r = serial() return r, 1 end,
    "bad argument #1 to 'serial' (string expected, got no value)")
end)

t.case("a closed object", function()
  local c = fifo()
  t.gives(1)(c:close())
  t.equal(c:getfd(), -1)
  t.gives(nil, "closed", "")(c:receive())
  t.gives(nil, "closed", 0)(c:send("x"))
end)
