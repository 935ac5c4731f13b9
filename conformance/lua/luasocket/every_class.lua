-- What every class answers alike, the rare ones too.

local t, s = ...
local socket = s.socket
local unix = require("socket.unix")
local serial = require("socket.serial")

local path = t.path

local function listening()
  local server, name = unix.stream(), path()
  assert(server:bind(name))
  assert(server:listen(4))
  return server, name
end

local function bound()
  local object, name = unix.dgram(), path()
  assert(object:bind(name))
  return object, name
end

-- An object of the class, and what must outlive it.
local makers = {
  ["tcp{master}"] = function() return socket.tcp4() end,
  ["tcp{server}"] = function() return (s.listener()) end,
  ["tcp{client}"] = function() return s.pair() end,
  ["udp{unconnected}"] = function() return socket.udp4() end,
  ["udp{connected}"] = function()
    local object = socket.udp4()
    assert(object:setpeername("127.0.0.1", 9))
    return object
  end,
  ["unixstream{master}"] = function() return unix.stream() end,
  ["unixstream{server}"] = function() return (listening()) end,
  ["unixstream{client}"] = function()
    local server, name = listening()
    local object = unix.stream()
    assert(object:connect(name))
    return object, server
  end,
  ["unixdgram{unconnected}"] = function() return (bound()) end,
  ["unixdgram{connected}"] = function()
    local peer, name = bound()
    local object = unix.dgram()
    assert(object:connect(name))
    return object, peer
  end,
  ["serial{client}"] = function() return (assert(serial("/dev/null"))) end,
}

local classes = {}
for class in pairs(makers) do classes[#classes + 1] = class end
table.sort(classes)

-- Objects of all classes, one after the other.
local function each(title, body)
  t.case(title, function()
    for _, class in ipairs(classes) do
      -- What must outlive the object stays in sight.
      local object, other = makers[class]()
      t.equal(object.class, class)
      body(object, class, other)
    end
  end)
end

local is_stream = { ["tcp{client}"] = true, ["unixstream{client}"] = true, ["serial{client}"] = true }

each("settimeout, dirty and close answer alike", function(object)
  t.gives(1)(object:settimeout(0.25))
  t.gives(1)(object:settimeout(1, "t"))
  t.gives(1)(object:settimeout())
  t.gives(false)(object:dirty())
  if object.getfamily then t.gives("inet4")(object:getfamily()) end
  t.ok(object:getfd() >= 0)
  t.gives(1)(object:close())
  t.gives(-1)(object:getfd())
  t.gives(1)(object:close())
end)

each("setfd answers nothing, and the object has that descriptor", function(object, class)
  local fd, heir = object:getfd(), makers[class]()
  t.gives()(object:setfd(-1))
  t.gives(-1)(object:getfd())
  heir:close()
  t.gives()(heir:setfd(fd))
  t.gives(fd)(heir:getfd())
  t.gives(1)(heir:close())
end)

each("an object that is collected closes its descriptor", function(object, class)
  object:close()
  t.collect()
  local before = t.descriptors()
  local function forget()
    local open = makers[class]()
    t.ok(open:getfd() >= 0)
  end
  forget()
  t.collect()
  t.equal((t.descriptors()), before)
end)

each("tostring", function(object, class)
  t.ok(tostring(object):find("^" .. class:gsub("[{}]", "%%%0") .. ": 0x%x+$"), tostring(object))
end)

each("gettimeout reads what was set", function(object)
  object:settimeout()
  t.gives(-1, -1)(object:gettimeout())
  object:settimeout(0.25)
  t.gives(0.25, -1)(object:gettimeout())
  object:settimeout(8, "t")
  t.gives(0.25, 8)(object:gettimeout())
end)

each("statistics are counted, and can be set", function(_, class)
  local began = t.clock()
  local object = makers[class]()
  local received, sent, age = t.results(3, object:getstats())
  t.equal(received, 0)
  t.equal(sent, 0)
  t.near(age, 0, t.clock() - began + s.slack)
  began = t.clock()
  t.gives(1)(object:setstats(3, 4, 50))
  received, sent, age = t.results(3, object:getstats())
  t.equal(received, 3)
  t.equal(sent, 4)
  t.near(age, 50 - s.slack, 50 + t.clock() - began + s.slack)
end)

each("statistics need numbers", function(object)
  t.raises_like(function() object:setstats("x") end, "number expected")
end)

each("to-be-closed variables close it", function(object)
  if not t.at_least("5.4") then t.skip("no <close> before 5.4") end
  assert(load("local object = ... local closed <close> = object"))(object)
  t.equal(object:getfd(), -1)
end)

each("dup of it", function(object, class)
  if not object.dup then
    t.equal(class, "serial{client}")
    return
  end
  local twin = t.results(1, object:dup())
  t.equal(twin.class, class)
  t.differs(twin:getfd(), object:getfd())
  twin:close()
  t.gives(nil, "Bad file descriptor", 9)(twin:dup())
end)

each("receiveany is for clients", function(object, class)
  if is_stream[class] or not object.receiveany then return end
  local client = class:match("^%a+") .. "{client}"
  t.raises(function() local r = object:receiveany(1) return r, 1 end,
    "calling 'receiveany' on bad self (" .. client .. " expected)")
end)

each("options of Unix sockets", function(object, class)
  if not class:find("^unix") then return end
  for _, option in ipairs({ "reuseaddr" }) do
    t.gives(1)(object:setoption(option, true))
    t.gives(true)(object:getoption(option))
    t.gives(1)(object:setoption(option, false))
    t.gives(false)(object:getoption(option))
  end
  t.raises_like(function() object:setoption("nosuch", true) end, "unsupported option `nosuch'")
  t.raises_like(function() object:getoption("nosuch") end, "unsupported option `nosuch'")
end)

t.case("getpeercred is for unix clients", function()
  for _, class in ipairs({ "unixstream{master}", "unixstream{server}" }) do
    local object = makers[class]()
    t.raises(function() local r = object:getpeercred() return r, 1 end,
      "calling 'getpeercred' on bad self (unixstream{client} expected)")
  end
end)

t.case("each maker gives an object alone", function()
  local makes = { socket.tcp, socket.tcp4, socket.tcp6, socket.udp, socket.udp4, socket.udp6, unix.stream, unix.dgram }
  for _, make in ipairs(makes) do t.results(1, make()) end
end)

t.case("setsockname is bind", function()
  local _, port = s.listener()
  local object = socket.tcp4()
  t.fails("address already in use", object:setsockname("127.0.0.1", port))
  t.gives(1)(object:setsockname("127.0.0.1", 0))
  t.equal((object:getsockname()), "127.0.0.1")
end)

t.case("setpeername of a server", function()
  local server, port = s.listener()
  t.fails("already connected", server:setpeername("127.0.0.1", port))
end)

t.case("options of servers and clients", function()
  local server, client = makers["tcp{server}"](), makers["tcp{client}"]()
  t.gives(true)(server:getoption("reuseaddr"))
  t.gives(1)(server:setoption("reuseaddr", false))
  t.gives(false)(server:getoption("reuseaddr"))
  t.gives(1)(client:setoption("send-buffer-size", 8192))
  -- Linux doubles it.
  t.gives(16384)(client:getoption("send-buffer-size"))
end)

t.case("udp{connected}: options", function()
  local object = makers["udp{connected}"]()
  t.gives(false)(object:getoption("broadcast"))
  t.gives(1)(object:setoption("broadcast", true))
  t.gives(true)(object:getoption("broadcast"))
end)

t.case("unixdgram{connected}: what is for unconnected ones", function()
  local object = makers["unixdgram{connected}"]()
  for _, name in ipairs({ "sendto", "receivefrom", "bind", "setsockname" }) do
    t.raises_like(function() local r = object[name](object, "x", "y") return r, 1 end,
      "(unixdgram{unconnected} expected)")
  end
end)

t.case("unixdgram{connected}: another peer", function()
  local object = makers["unixdgram{connected}"]()
  local other, name = bound()
  t.gives(1)(object:setpeername(name))
  t.gives(1)(object:send("x"))
  t.gives("x")(other:receive())
  t.gives(1)(object:connect(name))
  t.gives("")(object:getsockname())
end)

t.case("names of the peers of Unix sockets", function()
  local object, peer = makers["unixdgram{connected}"]()
  t.gives((peer:getsockname()))(object:getpeername())
  for _, class in ipairs({ "unixstream{master}", "unixstream{server}", "unixdgram{unconnected}" }) do
    t.gives(nil, "Transport endpoint is not connected", 107)(makers[class]():getpeername())
  end
end)
