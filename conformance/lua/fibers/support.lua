-- What the cases about fibers share. They speak LuaSocket, so its helpers are
-- here too; the sockets they make are used by fibers of this one interpreter.

return function(t)
  local s = dofile(t.dir .. "/luasocket/support.lua")(t)
  s.moonsocket = require("moonsocket")

  local started = {}

  --- A fiber that has to reach its end before `s.run` is over. (An error in it
  --- goes to stderr; a pcall here would change what is tested.)
  function s.spawn(body, ...)
    local fiber = { at = debug.getinfo(2, "Sl") }
    started[#started + 1] = fiber
    s.moonsocket.spawn(function(...)
      body(...)
      fiber.ended = true
    end, ...)
  end

  --- Lets these and all spawned functions run as fibers until all have ended.
  function s.run(...)
    for _, body in ipairs({ ... }) do s.spawn(body) end
    local fibers = started
    local ok, err = s.moonsocket.run()
    started = {}
    if not ok then t.fail("run: " .. tostring(err), 2) end
    for _, fiber in ipairs(fibers) do
      if not fiber.ended then
        t.fail("the fiber of " .. fiber.at.short_src .. ":" .. fiber.at.currentline
          .. " did not reach its end; why stands on stderr", 2)
      end
    end
  end

  --- A log that fibers write to, and its entries in one string.
  function s.log()
    local entries = {}
    return function(entry) entries[#entries + 1] = tostring(entry) end,
      function() return table.concat(entries, " ") end
  end

  --- Counts the turns that other fibers get while `body` runs in this one.
  --- A body that blocks the thread leaves them none.
  function s.turns(body)
    local turns, over = 0, false
    s.spawn(function()
      while not over do
        s.socket.sleep(0.005)
        if not over then turns = turns + 1 end
      end
    end)
    s.socket.sleep(0)
    body()
    over = true
    return turns
  end

  --- A socket on which another process speaks after a while: what blocks this
  --- thread can still be answered.
  function s.spoken(lines)
    return s.serve([[
      local lines = ...
      ]] .. "lines = '" .. lines .. "'" .. [[

      for line in lines:gmatch("%S+") do
        socket.sleep(0.03)
        c:send(line .. "\n")
      end
      c:receive("*a")
    ]])
  end

  -- What a program in another process starts with.
  s.prelude = [[
    local socket = require("socket")
    local moonsocket = require("moonsocket")
    local spawn, run, sleep = moonsocket.spawn, moonsocket.run, socket.sleep
    local function listener()
      local server = assert(socket.bind("127.0.0.1", 0, 1024))
      local _, port = server:getsockname()
      return server, tonumber(port)
    end
    local function pair()
      local server, port = listener()
      local c = assert(socket.connect("127.0.0.1", port))
      local a = assert(server:accept())
      server:close()
      return c, a
    end
  ]]

  --- A process that runs this source after the prelude; `setup` as in `t.peer_with`.
  function s.process(source, setup, ...) return t.peer_with(setup, s.prelude .. source, ...) end

  return s
end
