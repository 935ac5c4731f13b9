-- The command line of a fuzzer: `--name NUMBER` for each name of `options`, and flags.

-- (Lua 5.1 has a local of this name in every function with varargs.)
local words = arg

return function(options, ...)
  local flags = {}
  for _, name in ipairs({ ... }) do flags[name] = true end
  local i = 1
  while words[i] do
    local name = words[i]:match("^%-%-(%a+)$")
    if flags[name] then
      options[name] = true
    elseif name and options[name] then
      i = i + 1
      options[name] = tonumber(words[i])
    else
      io.stderr:write("fuzz: what is ", words[i], "?\n")
      os.exit(2)
    end
    i = i + 1
  end
  return options
end
