-- The command line of a fuzzer: `--name NUMBER` for each name of `options`, and flags.

return function(options, ...)
  local flags = {}
  for _, name in ipairs({ ... }) do flags[name] = true end
  local i = 1
  while arg[i] do
    local name = arg[i]:match("^%-%-(%a+)$")
    if flags[name] then
      options[name] = true
    elseif name and options[name] then
      i = i + 1
      options[name] = tonumber(arg[i])
    else
      io.stderr:write("fuzz: what is ", arg[i], "?\n")
      os.exit(2)
    end
    i = i + 1
  end
  return options
end
