-- What these cases share: LuaSocket's helpers, and the fuzzer as a process of
-- its own.

return function(t)
  local s = dofile(t.dir .. "/luasocket/support.lua")(t)

  --- Runs the program with these words after its name; it has to end well.
  function s.fuzz(words, setup)
    local command = (setup and setup .. "; " or "") .. "RES_OPTIONS='timeout:1 attempts:1' exec " .. t.quote(t.interpreter()) .. " "
      .. t.quote(t.dir .. "/hostile/program.lua") .. " " .. words .. " 2>&1"
    local pipe = assert(io.popen(command, "r"))
    local text = pipe:read("*a")
    pipe:close()
    if not text:find("^fine\t") then t.fail("with " .. words .. ":\n" .. text:sub(-4000), 2) end
  end

  return s
end
