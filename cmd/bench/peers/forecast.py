# Forecasts by statsforecast: python forecast.py TRAIN TEST OUT METHOD M M2
# Writes series,step,mean,lo80,hi80,lo95,hi95,seconds (CPU seconds a series).
import sys, time
import pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import AutoETS, DynamicOptimizedTheta, MSTL

train, test, out, method, m, m2 = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]), int(sys.argv[6])
past = pd.read_csv(train)
h = int(pd.read_csv(test).groupby("series").size().max())
past["ds"] = past.groupby("series").cumcount()
data = past.rename(columns={"series": "unique_id", "value": "y"})[["unique_id", "ds", "y"]]
model = {
    "sf_ets": lambda: AutoETS(season_length=m),
    "sf_theta": lambda: DynamicOptimizedTheta(season_length=m),
    "sf_mstl": lambda: MSTL(season_length=[m, m2] if m2 else m),
}[method]()
name = type(model).__name__
warm = data[data.unique_id == data.unique_id.iloc[0]]
StatsForecast(models=[model], freq=1, n_jobs=1).forecast(df=warm, h=h, level=[80, 95])
began = time.process_time()
f = StatsForecast(models=[model], freq=1, n_jobs=1).forecast(df=data, h=h, level=[80, 95])
seconds = (time.process_time() - began) / data.unique_id.nunique()
f = f.reset_index() if "unique_id" not in f.columns else f
f["step"] = f.groupby("unique_id").cumcount() + 1
pick = lambda end: next(c for c in f.columns if c.endswith(end))
f = pd.DataFrame({
    "series": f["unique_id"], "step": f["step"],
    "mean": f[[c for c in f.columns if c not in ("unique_id", "ds", "step") and "-lo-" not in c and "-hi-" not in c][0]],
    "lo80": f[pick("-lo-80")], "hi80": f[pick("-hi-80")], "lo95": f[pick("-lo-95")], "hi95": f[pick("-hi-95")], "seconds": seconds,
})
f.to_csv(out, index=False)
