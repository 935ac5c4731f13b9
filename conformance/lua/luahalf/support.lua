-- What the cases about LuaSocket's Lua half share.

return function(t)
  local s = dofile(t.dir .. "/luasocket/support.lua")(t)

  --- What `f` gives for each of these chunks and then for nil, nil as often as it takes: one string per call.
  function s.filtered(f, ...)
    local out = {}
    for _, chunk in ipairs({ ... }) do out[#out + 1] = f(chunk) end
    local rest = f(nil)
    while rest do
      out[#out + 1] = rest
      rest = f(nil)
    end
    return out
  end

  --- A source of these chunks.
  function s.chunks(...)
    local list, i = { ... }, 0
    return function()
      i = i + 1
      return list[i]
    end
  end

  --- All that a source gives, and how it ended.
  function s.drained(source)
    local out = {}
    while true do
      local chunk, message = source()
      if not chunk then return out, message end
      out[#out + 1] = chunk
    end
  end

  s.server = dofile(t.dir .. "/luahalf/server.lua")(t, s)

  s.talker = dofile(t.dir .. "/luahalf/talker.lua")(t)

  return s
end
