#!/bin/sh
# The NuGet packages: CudnnResNet.Native, .Model, .Training and the tool cudnn-resnet, with symbols.
#   tools/pack.sh [FOLDER] [BUILD]     into FOLDER (artifacts/packages), built in BUILD (artifacts/pack)
# Built apart from everything else, so that the same source gives the same bytes: paths are mapped, the checked-in PTX is embedded.
set -eu
output=${1:-} build=${2:-}
cd "$(dirname "$0")/.."
output=${output:-$PWD/artifacts/packages} build=${build:-$PWD/artifacts/pack}
rm -rf "$output"
for project in Native Model Training Runner; do
    dotnet pack "src/CudnnResNet.$project" --nologo -v quiet -c Release -o "$output" -p:ContinuousIntegrationBuild=true -p:NativesOfAllSystems=true -p:ArtifactsPath="$build"
done
ls -1 "$output"
