-- Streams between any two dialects, of which every byte is checked: in fibers, both ways at once, and without fibers, in
-- turns. The dialects' files are those of the simulated worlds.

return function(folder, moonsocket)
  local clock = require("socket").monotime or require("socket").gettime
  local random = math.random
  local traffic = { connections = 0, bytes = 0, dialects = {} }

  for _, name in ipairs({ "luasocket", "nixio", "osn", "sgssockets", "emilua" }) do
    traffic.dialects[#traffic.dialects + 1] = dofile(folder .. "/" .. name .. ".lua")
  end

  local function expect(truth, ...)
    if not truth then error(table.concat({ ... }, " "), 2) end
  end

  local function text(most)
    local block = {}
    for i = 1, random(1, 300) do block[i] = string.char(random(9) == 1 and 10 or random(0, 255)) end
    block = table.concat(block)
    return block:rep(math.ceil(most / #block)):sub(1, random(1, most))
  end

  local function limit()
    local kind = random(4)
    return kind == 1 and 0 or kind == 2 and random(1, 20000) / 1e6 or nil
  end

  -- Nothing takes this long: what does hangs.
  local HANGS = 60

  local function write(dialect, socket, data)
    local at, began = 0, clock()
    while at < #data do
      local sent, how = dialect.send(socket, data:sub(at + 1, at + random(1, 60000)), limit())
      at = at + sent
      expect(how == nil or how == "timeout", dialect.name, "a send ended with", tostring(how))
      expect(clock() - began < HANGS, dialect.name, "a send hangs at", at, "of", #data)
      if how then dialect.sleep(0.0005) end
    end
    if dialect.finish then dialect.finish(socket) end
  end

  -- `ends`: the sender tells the end; in osn nobody can.
  local function read(dialect, socket, data, ends)
    local at, began = 0, clock()
    while ends or at < #data do
      local allowed, start = limit(), clock()
      local part, how = dialect.receive(socket, random(1, 60000), allowed)
      expect(part == data:sub(at + 1, at + #part), dialect.name, "other bytes than were sent, after", at)
      at = at + #part
      if how == "end" or how == "gone" then
        expect(at == #data, dialect.name, how, "after", at, "of", #data)
        break
      end
      if how == "timeout" and allowed and dialect.name ~= "Emilua" then
        local took = clock() - start
        expect(took >= allowed, dialect.name, "a limit of", allowed, "was over after", took)
      end
      expect(clock() - began < HANGS, dialect.name, "a receive hangs at", at, "of", #data)
    end
    traffic.bytes = traffic.bytes + at
  end

  --- A fiber whose error is the end.
  function traffic.fiber(body)
    moonsocket.spawn(function()
      local ok, why = xpcall(body, debug.traceback)
      if not ok then
        io.stderr:write(tostring(why), "\n")
        os.exit(1)
      end
    end)
  end

  function traffic.any() return traffic.dialects[random(#traffic.dialects)] end

  --- Spawns the fibers of one connection; `most` bytes each way.
  function traffic.converse(most)
    local near, far = traffic.any(), traffic.any()
    local listener, port = far.listen()
    local there, back = text(most), text(most)
    traffic.connections = traffic.connections + 1
    local function talk(dialect, socket, mine, theirs, ends, done)
      local left = 2
      local function over()
        left = left - 1
        if left > 0 then return end
        dialect.close(socket)
        done()
      end
      traffic.fiber(function() write(dialect, socket, mine) over() end)
      traffic.fiber(function() read(dialect, socket, theirs, ends) over() end)
    end
    traffic.fiber(function()
      talk(far, far.accept(listener), back, there, near.finish, function() far.close(listener) end)
    end)
    traffic.fiber(function() talk(near, near.connect(port), there, back, far.finish, function() end) end)
  end

  --- One connection outside of fibers: what is sent fits into the kernel's buffers.
  function traffic.exchange(keep)
    local near, far = traffic.any(), traffic.any()
    local listener, port = far.listen()
    local a = near.connect(port)
    local b = far.accept(listener)
    traffic.connections = traffic.connections + 1
    for _, way in ipairs({ { near, a, far, b }, { far, b, near, a } }) do
      local from, sender, to, receiver = way[1], way[2], way[3], way[4]
      local data, at = text(8000), 0
      local sent, how = from.send(sender, data)
      expect(sent == #data, from.name, "sent", sent, "of", #data, tostring(how))
      local began = clock()
      while at < #data do
        -- With a limit: some wait for the end of a line, which there may not be.
        local part, why = to.receive(receiver, #data - at, 0.01)
        expect(part == data:sub(at + 1, at + #part), to.name, "other bytes than were sent, after", at)
        expect(why == nil or why == "timeout", to.name, tostring(why), "after", at, "of", #data)
        expect(clock() - began < HANGS, to.name, "a receive hangs at", at, "of", #data)
        at = at + #part
      end
      traffic.bytes = traffic.bytes + at
    end
    -- Or they are left to the collector.
    if keep then return end
    near.close(a)
    far.close(b)
    far.close(listener)
  end

  return traffic
end
