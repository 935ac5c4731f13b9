-- Classes, their metatables, and methods called on the wrong one.

local t, s = ...
local socket = s.socket

local function three()
  local server = s.listener()
  local client = assert(socket.connect("127.0.0.1", s.port(server)))
  return { master = socket.tcp(), server = server, client = client }
end

local methods = {
  "accept", "bind", "close", "connect", "dirty", "getfamily", "getfd", "getoption", "getpeername",
  "getsockname", "getstats", "gettimeout", "listen", "receive", "send", "setfd", "setoption",
  "setpeername", "setsockname", "setstats", "settimeout", "shutdown",
}

t.case("class names", function()
  for name, object in pairs(three()) do t.equal(object.class, "tcp{" .. name .. "}") end
end)

t.case("objects are userdata", function()
  for _, object in pairs(three()) do t.equal(type(object), "userdata") end
end)

t.case("tostring is class, colon, address", function()
  for name, object in pairs(three()) do
    t.ok(tostring(object):find("^tcp{" .. name .. "}: 0x%x+$"), tostring(object))
    t.equal(tostring(object), tostring(object))
  end
  t.differs(tostring(socket.tcp()), tostring(socket.tcp()):upper())
end)

t.case("every method is on every class", function()
  for _, object in pairs(three()) do
    for _, name in ipairs(methods) do t.equal(type(object[name]), "function", name) end
  end
end)

t.case("one metatable per class", function()
  local a, b = three(), three()
  for name in pairs(a) do t.equal(getmetatable(a[name]), getmetatable(b[name]), name) end
  t.differs(getmetatable(a.master), getmetatable(a.client))
  t.differs(getmetatable(a.server), getmetatable(a.client))
end)

t.case("the metatable is reachable and __index is a table", function()
  for _, object in pairs(three()) do
    local meta = getmetatable(object)
    t.equal(type(meta), "table")
    t.equal(type(meta.__index), "table")
    t.equal(meta.__index.class, object.class)
    t.equal(meta.__index.close, object.close)
    t.equal(type(meta.__gc), "function")
    t.equal(type(meta.__tostring), "function")
  end
end)

t.case("metatables carry their group's mark", function()
  for _, object in pairs(three()) do t.equal(getmetatable(object)["tcp{any}"], true) end
end)

t.case("the metatable is named on 5.3 and later", function()
  if not t.at_least("5.3") then t.skip("no __name before 5.3") end
  for _, object in pairs(three()) do t.equal(getmetatable(object).__name, object.class) end
end)

t.case("a method added to __index is found", function()
  local object = socket.tcp()
  local index = getmetatable(object).__index
  index.shout = function(self) return self.class:upper() end
  t.equal(object:shout(), "TCP{MASTER}")
  index.shout = nil
  t.equal(object.shout, nil)
end)

t.case("unknown fields are nil", function()
  local object = socket.tcp()
  t.equal(object.nosuch, nil)
  t.equal(object[1], nil)
end)

t.case("assigning to a field raises", function()
  local named = t.at_least("5.3") and "tcp{master}" or "userdata"
  t.raises_like(function() socket.tcp().x = 1 end, "attempt to index a " .. named .. " value")
end)

t.case("__tostring refuses foreign values", function()
  local show = getmetatable(socket.tcp()).__tostring
  t.raises(function() local text = show({}) return text, 1 end,
    "invalid object passed to 'auxiliar.c:__tostring'")
end)

-- method -> classes that have it (the others raise), and the class that the text names
local matrix = {
  { "accept", "server", "tcp{server}" },
  { "bind", "master", "tcp{master}" },
  { "setsockname", "master", "tcp{master}" },
  { "listen", "master", "tcp{master}" },
  { "send", "client", "tcp{client}" },
  { "receive", "client", "tcp{client}" },
  { "shutdown", "client", "tcp{client}" },
}

for _, row in ipairs(matrix) do
  local name, only, expected = row[1], row[2], row[3]
  t.case(name .. " is for " .. expected .. " alone", function()
    for class, object in pairs(three()) do
      if class ~= only then
        local method = object[name]
        t.raises(function() local r = method(object, 1) return r, 1 end,
          "bad argument #1 to 'method' (" .. expected .. " expected)")
      end
    end
  end)
end

t.case("the text of a method called with a colon", function()
  local all = three()
  t.raises(function() local r = all.master:send("x") return r, 1 end,
    "calling 'send' on bad self (tcp{client} expected)")
  t.raises(function() local r = all.client:accept() return r, 1 end,
    "calling 'accept' on bad self (tcp{server} expected)")
  t.raises(function() local r = all.server:bind("*", 0) return r, 1 end,
    "calling 'bind' on bad self (tcp{master} expected)")
  t.raises(function() local r = all.server:receive() return r, 1 end,
    "calling 'receive' on bad self (tcp{client} expected)")
end)

for _, name in ipairs(methods) do
  t.case(name .. " refuses values that are no socket", function()
    local object = three().client
    local method = object[name]
    for _, value in ipairs({ 1, "x", {}, print, io.stdout, true }) do
      t.raises_like(function() local r = method(value) return r, 1 end,
        "bad argument #1 to 'method' (tcp{")
    end
    t.raises_like(function() local r = method() return r, 1 end, "bad argument #1 to 'method' (tcp{")
    t.raises_like(function() local r = method() return r, 1 end, "} expected)")
  end)
end

t.case("methods for any class name the group", function()
  local close = socket.tcp().close
  t.raises(function() local r = close("x") return r, 1 end,
    "bad argument #1 to 'close' (tcp{any} expected)")
end)

t.case("a udp object is not a tcp object", function()
  local send = socket.tcp().send
  local close = socket.tcp().close
  local udp = socket.udp()
  t.raises(function() local r = send(udp, "x") return r, 1 end,
    "bad argument #1 to 'send' (tcp{client} expected)")
  t.raises(function() local r = close(udp) return r, 1 end,
    "bad argument #1 to 'close' (tcp{any} expected)")
end)

t.case("getstats and setstats exist on masters and servers", function()
  local all = three()
  for _, object in pairs({ all.master, all.server }) do
    local received, sent, age = t.results(3, object:getstats())
    t.equal(received, 0)
    t.equal(sent, 0)
    t.near(age, 0, 10)
    t.gives(1)(object:setstats(3, 4, 5))
    received, sent, age = object:getstats()
    t.equal(received, 3)
    t.equal(sent, 4)
    t.near(age, 5, 15)
  end
end)

t.case("getoption and the rest work on every class", function()
  for _, object in pairs(three()) do
    t.equal(object:dirty(), false)
    t.equal(object:getfamily(), "inet4")
    t.equal(type(object:getfd()), "number")
    t.gives(1)(object:settimeout(1))
    t.gives(1, -1)(object:gettimeout())
  end
end)

t.case("to-be-closed variables close the socket", function()
  if not t.at_least("5.4") then t.skip("no <close> before 5.4") end
  local load_text = [[
    local socket, make = ...
    local seen
    do
      local c <close> = make()
      seen = c
    end
    return seen:getfd()
  ]]
  local chunk = assert(load(load_text))
  t.equal(chunk(socket, socket.tcp4), -1)
  t.equal(chunk(socket, function() return (s.listener()) end), -1)
  t.equal(chunk(socket, function() return (s.pair()) end), -1)
end)
