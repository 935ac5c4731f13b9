-- What these cases share: LuaSocket's helpers, and the fuzzers as processes of their own.

return function(t)
  local s = dofile(t.dir .. "/luasocket/support.lua")(t)

  -- From another folder, too.
  local function absolute(path)
    if path:find("^/") or not path:find("/") then return path end
    return (t.shell("pwd"):gsub("\n", "")) .. "/" .. path
  end

  --- Runs a fuzzer with these words after its name; it has to end well. What it makes on the disk goes away with it.
  function s.fuzz(program, words)
    local command = "RES_OPTIONS='timeout:1 attempts:1' " .. t.quote(absolute(t.interpreter())) .. " "
      .. t.quote(absolute(t.dir) .. "/hostile/" .. program .. ".lua") .. " " .. words .. " 2>&1"
    local pipe = assert(io.popen("here=$(mktemp -d); cd \"$here\"; " .. command .. "; cd /; rm -r \"$here\"", "r"))
    local text = pipe:read("*a")
    pipe:close()
    if not text:find("\nfine\t") then
      t.fail("with " .. words .. ":\n" .. text:sub(-4000), 2)
    end
  end

  return s
end
