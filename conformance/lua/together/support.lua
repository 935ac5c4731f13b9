-- All dialects in one Lua state. Each is a table here: how it listens, accepts,
-- connects, sends everything, and receives a number of bytes or up to the end.

return function(t)
  local moonsocket = require("moonsocket")
  local socket = require("socket")
  local nixio = require("nixio")
  local osn = require("osn")
  local S = require("sgssockets")
  require("nixio.util")
  t.clock = socket.gettime

  local s = { moonsocket = moonsocket, socket = socket, nixio = nixio, osn = osn, sgssockets = S }

  local luasocket = { name = "LuaSocket" }

  function luasocket.listen()
    local server = assert(socket.bind("127.0.0.1", 0))
    return server, tonumber((select(2, server:getsockname())))
  end

  function luasocket.accept(server) return assert(server:accept()) end
  function luasocket.connect(port) return assert(socket.connect("127.0.0.1", port)) end
  function luasocket.send(c, data) assert(c:send(data)) end
  function luasocket.receive(c, count) return assert(c:receive(count)) end
  function luasocket.rest(c) return c:receive("*a") or "" end

  local with_nixio = { name = "nixio" }

  function with_nixio.listen()
    local server = assert(nixio.bind("127.0.0.1", 0))
    assert(server:listen(16))
    return server, (select(2, server:getsockname()))
  end

  function with_nixio.accept(server) return (assert(server:accept())) end
  function with_nixio.connect(port) return assert(nixio.connect("127.0.0.1", port)) end
  function with_nixio.send(c, data) assert(c:writeall(data)) end
  function with_nixio.receive(c, count) return (assert(c:readall(count))) end
  function with_nixio.rest(c) return (c:readall()) end

  -- Where a call gives what there is, until there is enough.
  local function gather(receive)
    return function(c, count)
      local parts, missing = {}, count
      while missing > 0 do
        local part = receive(c, math.min(missing, 65536))
        if not part then break end
        parts[#parts + 1] = part
        missing = missing - #part
      end
      return table.concat(parts)
    end
  end

  local with_osn = { name = "osn" }

  function with_osn.listen()
    local server = assert(osn.serve({ ip = "127.0.0.1", port = "0" }))
    return server, tonumber((select(2, server:getsockname())))
  end

  function with_osn.accept(server) return (assert(server:accept())) end
  function with_osn.connect(port) return assert(osn.connect({ ip = "127.0.0.1", port = tostring(port) })) end
  function with_osn.send(c, data) assert(c:send(data) == #data) end
  with_osn.receive = gather(function(c, size) return (c:receive(size)) end)
  function with_osn.rest(c) return with_osn.receive(c, math.huge) end

  local with_sgs = { name = "sgssockets" }

  function with_sgs.listen()
    local server = assert(S.socket_tcp())
    assert(server:bind(0) and server:listen(16))
    return server, server:getsockname().port
  end

  function with_sgs.accept(server) return (assert(server:accept())) end

  function with_sgs.connect(port)
    local c = assert(S.socket_tcp())
    assert(c:connect(S.socket_address(S.AF_INET, "127.0.0.1", port)))
    return c
  end

  function with_sgs.send(c, data)
    local sent = 0
    while sent < #data do sent = sent + assert(c:send(data:sub(sent + 1))) end
  end

  with_sgs.receive = gather(function(c, size)
    local data = c:recv(size)
    return type(data) == "string" and data or nil
  end)
  function with_sgs.rest(c) return with_sgs.receive(c, math.huge) end

  s.dialects = { luasocket, with_nixio, with_osn, with_sgs }

  --- Calls `body` with every dialect as the server's, with every one as the client's.
  function s.each_pair(body)
    for _, server in ipairs(s.dialects) do
      for _, client in ipairs(s.dialects) do body(server, client) end
    end
  end

  --- A case for each of these pairs.
  function s.case_for_each_pair(title, body)
    s.each_pair(function(server, client)
      t.case(title .. " (" .. server.name .. " serves " .. client.name .. ")", function() body(server, client) end)
    end)
  end

  s.noise = t.noise

  return s
end
