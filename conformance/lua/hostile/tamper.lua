-- Scripts that lay hands on metatables, selfs and finalizers.

local t, s = ...
local socket = s.socket

-- Objects with properties have a function there: their methods' names are known.
local OSN = { "accept", "getpeername", "getsockname", "receive", "send" }

local function methods(owner)
  local index, found = getmetatable(owner).__index, {}
  if type(index) == "function" then
    for _, name in ipairs(OSN) do found[name] = owner[name] end
    return found
  end
  for name, f in pairs(index) do
    local closes = name == "close" or name == "setfd" or name:find("^__")
    if type(f) == "function" and not closes then found[name] = f end
  end
  return found
end

t.case("methods with the selfs of others", function()
  local c, peer = s.pair()
  local server = s.listener()
  local osn_server = require("osn").serve({ ip = "127.0.0.1", port = "0" })
  local udp = socket.udp and socket.udp()
  local nixio_socket = require("nixio").socket("inet", "stream")
  local objects = { c, peer, server, socket.tcp(), osn_server, udp, nixio_socket, io.stdout, c, {}, 1, "x", print,
    coroutine.create(function() end), false }
  for _, owner in ipairs({ c, server, osn_server, udp, nixio_socket }) do
    for name, method in pairs(methods(owner)) do
      for _, self in ipairs(objects) do
        if type(self) ~= "userdata" or getmetatable(self) ~= getmetatable(owner) then
          if type(self) == "userdata" and type(self.settimeout) == "function" then self:settimeout(0) end
          local ok, err = pcall(method, self, "x", 1)
          if not ok then t.equal(type(err), "string", name) end
          if not ok then t.equal(err:find("internal error", 1, true), nil, err) end
        end
      end
    end
  end
end)

t.case("userdata of the same size", function()
  if not newproxy and not io.tmpfile then t.skip("no other userdata") end
  local c = s.pair()
  local others = { io.stdout, newproxy and newproxy() }
  for _, other in pairs(others) do
    for name, method in pairs(getmetatable(c).__index) do
      if type(method) == "function" then t.equal((pcall(method, other, "x")), false, name) end
    end
  end
end)

t.case("metamethods called by hand on anything", function()
  local c = s.pair()
  local metatable = getmetatable(c)
  for name, f in pairs(metatable) do
    if type(f) == "function" and name ~= "__index" then
      for _, value in ipairs({ 1, "x", {}, print, io.stdout, socket.tcp(), true }) do
        local ok, err = pcall(f, value)
        if not ok then t.equal(type(err), "string", name) end
      end
      pcall(f)
      pcall(f, nil, nil)
    end
  end
end)

t.case("missing entries and foreign metatables", function()
  local c, peer = s.pair()
  local metatable = getmetatable(c)
  local index = metatable.__index
  local receive = index.receive
  metatable.__index = nil
  t.equal((pcall(function() return c:receive() end)), false)
  metatable.__index = index
  index.receive = nil
  t.equal(c.receive, nil)
  index.receive = receive
  debug.setmetatable(c, nil)
  t.gives(1, nil, nil)(index.send(c, "x"))
  debug.setmetatable(c, { __index = function() return 1 end })
  t.gives(1, nil, nil)(index.send(c, "y"))
  debug.setmetatable(c, metatable)
  t.gives("xy", nil, nil)(peer:receive(2))
end)

t.case("our metatable on somebody else's userdata", function()
  local c = s.pair()
  local metatable = getmetatable(c)
  local file = assert(io.tmpfile())
  local own = debug.getmetatable(file)
  debug.setmetatable(file, metatable)
  for name, method in pairs(metatable.__index) do
    if type(method) == "function" then t.equal((pcall(method, file, "x")), false, name) end
  end
  metatable.__gc(file)
  pcall(metatable.__tostring, file)
  debug.setmetatable(file, own)
  file:write("still a file")
  file:close()
end)

t.case("metatables in the registry under our names are replaced", function()
  local registry = debug.getregistry()
  local saved = {}
  for key, value in pairs(registry) do
    if type(key) == "string" and (key:find("^tcp{") or key:find("^osn") or key:find("^udp{")) then
      saved[key] = value
    end
  end
  for key in pairs(saved) do registry[key] = 1 end
  local c, peer = s.pair()
  t.gives(2, nil, nil)(c:send("ok"))
  t.gives("ok", nil, nil)(peer:receive(2))
  for key, value in pairs(saved) do registry[key] = value end
end)

t.case("everything in package.loaded goes away and comes back", function()
  local saved = {}
  for _, name in ipairs({ "socket", "socket.core", "moonsocket", "osn" }) do
    saved[name] = package.loaded[name]
    package.loaded[name] = nil
  end
  local again = require("socket")
  local c = s.pair()
  local r = again.select({ c }, { c }, 0)
  t.equal(#r, 0)
  t.gives(1, nil, nil)(c:send("x"))
  for name, module in pairs(saved) do package.loaded[name] = module end
  t.collect()
end)

-- A finalizer for any Lua.
local function finalized(f)
  if newproxy then
    local proxy = newproxy(true)
    getmetatable(proxy).__gc = f
    return proxy
  end
  return setmetatable({}, { __gc = f })
end

t.case("finalizers use the very socket whose results are pushed", function()
  local c, peer = s.pair()
  c:settimeout(0.01)
  peer:settimeout(0.01)
  local ran = 0
  for i = 1, 300 do
    peer:send(("line " .. i .. "\n"):rep(20))
    for _ = 1, 5 do
      finalized(function()
        ran = ran + 1
        c:receive()
        c:dirty()
        peer:send("from a finalizer\n")
        if ran % 50 == 0 then c:settimeout(0.001) end
      end)
      -- A long line: pushing it is what collects.
      local line, err, partial = c:receive(100 + i * 7)
      t.ok(line or err, partial)
    end
    collectgarbage("step", 50)
  end
  t.collect()
  t.ok(ran > 100, ran)
end)

t.case("finalizers close the socket that is being used", function()
  for i = 1, 100 do
    local c, peer = s.pair()
    c:settimeout(0.01)
    peer:send(("x"):rep(20000))
    finalized(function()
      c:close()
      getmetatable(c).__gc(c)
    end)
    for _ = 1, 20 do
      local ok, data, err = pcall(c.receive, c, 900 + i)
      if not ok then t.equal(type(data), "string") elseif not data then t.equal(type(err), "string") end
    end
    t.collect()
    peer:close()
  end
end)

t.case("coroutines yield across callbacks of ours", function()
  local c = s.pair()
  local co = coroutine.wrap(function()
    local foreign = setmetatable({}, { __index = function(_, name)
      if name == "getfd" then return function() coroutine.yield("inside") return c:getfd() end end
    end })
    return pcall(socket.select, { foreign }, nil, 0)
  end)
  -- It cannot: an error, or an answer, but no crash.
  local first = co()
  t.ok(first == "inside" or first == false or first == true)
end)

t.case("a callback of ours closes what it is asked about", function()
  local c = s.pair()
  local foreign = { getfd = function(self)
    local fd = c:getfd()
    c:close()
    return fd
  end }
  local ok, err = pcall(socket.select, { foreign, c }, { c, foreign }, 0)
  if not ok then t.equal(type(err), "string") end
end)

t.case("errors in callbacks pass through", function()
  local marker = {}
  local foreign = { getfd = function() error(marker) end }
  local ok, err = pcall(socket.select, { foreign }, nil, 0)
  t.equal(ok, false)
  t.equal(err, marker)
end)

t.case("deep recursion through select", function()
  local depth = 0
  local foreign
  foreign = { getfd = function()
    depth = depth + 1
    socket.select({ foreign }, nil, 0)
    return -1
  end }
  local ok, err = pcall(socket.select, { foreign }, nil, 0)
  t.ok(not ok or depth > 0)
  t.ok(ok or tostring(err):find("overflow", 1, true), err)
end)
