@echo off
rem What WinPE starts where the agent gates the image on the unit itself. dmigate-agent.exe, its .conf and the plant's
rem own image.cmd are beside it. Only dmigate-agent starts image.cmd; whatever it ends with but 0 keeps the unit here.
wpeinit
set LABEL=
set /p LABEL=label: 
if not defined LABEL goto refused
"%~dp0dmigate-agent.exe" gate --stage pre-image --unit "%LABEL%" -- "%~dp0image.cmd"
if not "%errorlevel%"=="0" goto refused
echo IMAGED: on to post-image
goto end

:refused
echo REFUSED: the sentence above says why
goto end

:end
